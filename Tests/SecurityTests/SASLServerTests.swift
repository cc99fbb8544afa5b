import Foundation
import Support
import Testing
import ZKClient
import ZKCore
import ZKServer

/// Who logs in to the embedded server with SASL DIGEST-MD5, and what is left for those who do not.
@Suite("SASL in the server", .timeLimit(.minutes(2)))
struct SASLServerTests {
    private func startServer(change: (inout ServerConfiguration) -> Void = { _ in }) async throws -> EmbeddedServer {
        var configuration = ServerConfiguration()
        configuration.sasl = ServerSASLOptions(
            users: ["bob": "bobsecret", "größe": "пароль", "boss": "bosssecret"], superUser: "boss")
        change(&configuration)
        return try await EmbeddedServer.start(configuration)
    }

    private func makeClient(_ server: EmbeddedServer, _ user: String?, _ password: String = "") throws
        -> ZooKeeperClient
    {
        var configuration = ClientConfiguration(connectString: try ConnectString("127.0.0.1:\(server.port)"))
        if let user { configuration.sasl = .digestMD5(user: user, password: password) }
        return ZooKeeperClient(configuration: configuration)
    }

    @Test(arguments: [("bob", "bobsecret"), ("größe", "пароль")])
    func aUserIsAnIdentity(user: String, password: String) async throws {
        let server = try await startServer()
        let client = try makeClient(server, user, password)
        try await client.waitUntilConnected(timeout: .seconds(5))
        #expect(try await client.whoAmI().contains(ACLIdentity(scheme: "sasl", id: UString(user))))
        try await client.create("/mine", acl: .creatorAll)
        #expect(try await client.getACL("/mine").acl == [ACL(perms: .all, scheme: "sasl", id: UString(user))])
        let other = try makeClient(server, nil)
        let error = await #expect(throws: ZooKeeperError.self) { try await other.getData("/mine") }
        #expect(error?.code == .noAuth)
        await client.close()
        await other.close()
        try await server.shutdown()
    }

    @Test(arguments: [("bob", "wrong"), ("nobody", "bobsecret"), ("", ""), ("Bob", "bobsecret")])
    func otherPasswordsAreRefused(user: String, password: String) async throws {
        let server = try await startServer()
        let client = try makeClient(server, user, password)
        let error = await #expect(throws: ZooKeeperError.self) {
            try await client.waitUntilConnected(timeout: .seconds(5))
        }
        #expect(error?.code == .authFailed)
        await client.close()
        try await server.shutdown()
    }

    @Test func theSuperUserPassesEveryList() async throws {
        let server = try await startServer()
        let client = try makeClient(server, "boss", "bosssecret")
        try await client.waitUntilConnected(timeout: .seconds(5))
        try await client.create("/closed", acl: [ACL(perms: .read, scheme: "sasl", id: "bob")])
        try await client.setData("/closed", data: [1])
        await client.close()
        try await server.shutdown()
    }

    @Test func whoMustProveItselfGetsNothingBefore() async throws {
        let server = try await startServer { $0.requiredSchemes = ["sasl"] }
        let anonymous = try makeClient(server, nil)
        let error = await #expect(throws: ZooKeeperError.self) { try await anonymous.getData("/") }
        #expect(
            error?.code == .sessionClosedRequireSASLAuth || error?.code == .connectionLoss, "\(error?.message ?? "")")
        await anonymous.close()
        let bob = try makeClient(server, "bob", "bobsecret")
        _ = try await bob.getData("/")
        await bob.close()
        try await server.shutdown()
    }

    @Test func digestCanBeDemandedInstead() async throws {
        let server = try await startServer { $0.requiredSchemes = ["digest", "x509"] }
        let sasl = try makeClient(server, "bob", "bobsecret")
        await #expect(throws: ZooKeeperError.self) { try await sasl.getData("/") }
        await sasl.close()
        var configuration = ClientConfiguration(connectString: try ConnectString("127.0.0.1:\(server.port)"))
        configuration.auth = [AuthInfo(scheme: "digest", credentials: Array("a:b".utf8))]
        let digest = ZooKeeperClient(configuration: configuration)
        _ = try await digest.getData("/")
        await digest.close()
        try await server.shutdown()
    }
}
