import Foundation
import Support
import ZKClient
import ZKCore

@testable import ZKShell

/// The servers that transfers are tried on.
enum TransferServer: String, CaseIterable, Sendable {
    case embedded
    case apache

    func shell(answers: [String] = [], options: (inout ShellOptions) -> Void = { _ in }) async throws -> ShellHarness {
        try await ShellHarness(server: address, answers: answers, options: options)
    }

    /// Nil for the one that harnesses use by themselves.
    private var address: String? {
        get async throws { self == .embedded ? nil : try await ApacheServer.shared().connectString }
    }
}

extension ShellHarness {
    /// The number that the next sequential child of `path` gets.
    func nextNumber(below path: ZnodePath) async throws -> Int? {
        let created = try await client.create(path.appending("next-"), mode: .persistentSequential)
        try await client.delete(created)
        return Int(created.name.dropFirst("next-".count))
    }

    /// A client of the same tree with identities of its own.
    func client(auth: [AuthInfo] = []) async throws -> ZooKeeperClient {
        var configuration = ClientConfiguration(connectString: try ConnectString(session.options.server))
        configuration.auth = auth
        let client = ZooKeeperClient(configuration: configuration)
        try await client.waitUntilConnected(timeout: .seconds(30))
        return client
    }

    /// The ID of joe:secret in ACLs.
    var joe: UString {
        get async throws { UString(try await output("digest joe:secret").trimmingBlanks()) }
    }

    func exists(_ path: ZnodePath) async throws -> Bool { try await client.exists(path) != nil }

    func acl(_ path: ZnodePath) async throws -> [ACL] { try await client.getACL(path).acl }
}

extension TemporaryDirectory {
    func write(_ text: String, to name: String) throws -> String {
        try Data(text.utf8).write(to: url(name))
        return path(name)
    }
}
