import Foundation
import Support
import ZKClient
import ZKCore

/// Runs the built program on the servers of a connect string.
func zoosh(
    _ servers: String, _ arguments: String..., options: [String] = [], limit: Duration = .seconds(120)
) async throws -> CommandResult {
    try await BuiltProduct.runZoosh(["-s", servers] + options + arguments, limit: limit)
}

/// A connected session.
func session(
    _ servers: String, timeout: Duration = .seconds(20), trace: ClientTrace? = nil
) async throws -> ZooKeeperClient {
    var configuration = ClientConfiguration(connectString: try ConnectString(servers))
    configuration.sessionTimeout = timeout
    configuration.requestTimeout = .seconds(60)
    configuration.shufflesHosts = false
    configuration.trace = trace
    let client = ZooKeeperClient(configuration: configuration)
    try await client.waitUntilConnected(timeout: .seconds(30))
    return client
}

/// The scenarios that take minutes run with `make test-ensemble`.
let runsLongTests = ProcessInfo.processInfo.environment["ZOOSH_TEST_LONG"] == "1"

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

extension ApacheEnsemble {
    /// The members but `server`, after which comes `server`.
    func connectString(last server: ApacheServer) -> String {
        (members.filter { $0 !== server } + [server]).map(\.connectString).joined(separator: ",")
    }

    /// `server` first.
    func connectString(first server: ApacheServer) -> String {
        ([server] + members.filter { $0 !== server }).map(\.connectString).joined(separator: ",")
    }

    func connectString(without server: ApacheServer) -> String {
        members.filter { $0 !== server }.map(\.connectString).joined(separator: ",")
    }
}

/// One for which a server without a quorum is good enough.
func readOnlySession(_ servers: String) async throws -> ZooKeeperClient {
    var configuration = ClientConfiguration(connectString: try ConnectString(servers))
    configuration.canBeReadOnly = true
    configuration.sessionTimeout = .seconds(10)
    let client = ZooKeeperClient(configuration: configuration)
    try await client.waitUntilConnected(timeout: .seconds(60))
    return client
}
