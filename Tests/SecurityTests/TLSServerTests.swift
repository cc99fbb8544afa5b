import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import Support
import Testing
import ZKClient
import ZKCore
import ZKServer

/// Who gets in through the TLS port of the embedded server, and as whom.
@Suite("TLS in the server", .timeLimit(.minutes(2)))
struct TLSServerTests {
    private static func path(_ name: String) -> String { Fixtures.url("tls/\(name)").path }

    private func startServer(
        _ authentication: ServerTLSOptions.ClientAuthentication,
        change: (inout ServerConfiguration) -> Void = { _ in }
    ) async throws -> EmbeddedServer {
        var configuration = ServerConfiguration()
        configuration.tls = ServerTLSOptions(
            port: 0, certificateChainFile: Self.path("server.pem"), privateKeyFile: Self.path("server.key"),
            trustRootsFile: Self.path("ca.pem"), clientAuthentication: authentication)
        change(&configuration)
        return try await EmbeddedServer.start(configuration)
    }

    private func makeClient(_ server: EmbeddedServer, certificate: String?) throws -> ZooKeeperClient {
        let port = try #require(server.securePort)
        var configuration = ClientConfiguration(connectString: try ConnectString("zks://localhost:\(port)"))
        configuration.tls = TLSOptions(
            trustRootsFile: Self.path("ca.pem"),
            certificateChainFile: certificate.map { Self.path("\($0).pem") },
            privateKeyFile: certificate.map { Self.path("\($0).key") })
        return ZooKeeperClient(configuration: configuration)
    }

    /// The identities that the server sees, without the address.
    private func identities(_ server: EmbeddedServer, certificate: String?) async throws -> [ACLIdentity] {
        let client = try makeClient(server, certificate: certificate)
        do {
            try await client.waitUntilConnected(timeout: .seconds(2))
            let identities = try await client.whoAmI()
            await client.close()
            return identities.filter { $0.scheme != "ip" }
        } catch {
            await client.close()
            throw error
        }
    }

    @Test func connectionsOfThePortWithTLSAreToldApart() async throws {
        let server = try await startServer(.need) {
            $0.admin.isEnabled = true
            $0.admin.port = 0
        }
        let client = try makeClient(server, certificate: "client")
        try await client.waitUntilConnected(timeout: .seconds(5))
        let port = try #require(server.adminPort)
        let answer = try await Loopback.ask(
            "GET /commands/connections HTTP/1.0\r\n\r\n", port: UInt16(port), limit: .seconds(10))
        #expect(answer.contains("\"connections\" : [ ]"))
        #expect(answer.contains("\"secure_connections\" : [ {"))
        let secure = try #require(server.securePort)
        let configuration = try await Loopback.ask("conf", port: UInt16(server.port), limit: .seconds(10))
        #expect(configuration.contains("clientPort=\(server.port)\nsecureClientPort=\(secure)\n"))
        await client.close()
        try await server.shutdown()
    }

    @Test func theSubjectOfACertificateIsAnIdentity() async throws {
        let server = try await startServer(.need)
        let x509 = ACLIdentity(scheme: "x509", id: "CN=client1,O=Example")
        #expect(try await identities(server, certificate: "client") == [x509])
        let owner = try makeClient(server, certificate: "client")
        try await owner.waitUntilConnected(timeout: .seconds(5))
        try await owner.create("/mine", data: [1], acl: .creatorAll)
        #expect(try await owner.getACL("/mine").acl == [ACL(perms: .all, identity: x509)])
        #expect(try await owner.getData("/mine").data == [1])
        let plain = ZooKeeperClient(
            configuration: ClientConfiguration(connectString: try ConnectString("127.0.0.1:\(server.port)")))
        let error = await #expect(throws: ZooKeeperError.self) { try await plain.getData("/mine") }
        #expect(error?.code == .noAuth)
        await owner.close()
        await plain.close()
        try await server.shutdown()
    }

    @Test(
        arguments: [
            ("client", true), ("odd-client", true), (nil, false), ("impostor", false), ("expired-client", false),
            ("self-signed", false),
        ] as [(String?, Bool)])
    func aNeededCertificateMustBeSignedByTheTrustedOne(certificate: String?, isAccepted: Bool) async throws {
        let server = try await startServer(.need)
        if isAccepted {
            #expect(try await identities(server, certificate: certificate).count == 1)
        } else {
            await #expect(throws: ZooKeeperError.self) { try await identities(server, certificate: certificate) }
        }
        try await server.shutdown()
    }

    @Test func aWantedCertificateMayBeMissingButNotWrong() async throws {
        let server = try await startServer(.want)
        #expect(try await identities(server, certificate: nil) == [])
        #expect(try await identities(server, certificate: "client").map(\.scheme) == ["x509"])
        await #expect(throws: ZooKeeperError.self) { try await identities(server, certificate: "impostor") }
        try await server.shutdown()
    }

    @Test func oneSubjectCanBeTheSuperUser() async throws {
        let server = try await startServer(.need) { $0.x509SuperUser = "CN=client1,O=Example" }
        let superUser = try makeClient(server, certificate: "client")
        try await superUser.waitUntilConnected(timeout: .seconds(5))
        try await superUser.create("/closed", acl: [ACL(perms: .read, scheme: "digest", id: "a:b")])
        try await superUser.setData("/closed", data: [2])
        await superUser.close()
        #expect(try await identities(server, certificate: "odd-client").map(\.scheme) == ["x509"])
        try await server.shutdown()
    }

    @Test func theTLSPortNeverSpeaksPlain() async throws {
        let server = try await startServer(.none)
        let port = UInt16(try #require(server.securePort))
        // A word, and a connect request: neither is answered as on the plain port.
        let answer = try? await Loopback.ask("ruok", port: port)
        #expect(answer?.contains("imok") != true)
        let plain = ZooKeeperClient(
            configuration: ClientConfiguration(connectString: try ConnectString("127.0.0.1:\(port)")))
        await #expect(throws: ZooKeeperError.self) { try await plain.waitUntilConnected(timeout: .seconds(1)) }
        await plain.close()
        #expect(try await Loopback.ask("ruok", port: UInt16(server.port)) == "imok")
        try await server.shutdown()
    }

    @Test func canListenWithTLSOnly() async throws {
        let server = try await startServer(.none) { $0.listensPlain = false }
        #expect(server.port == server.securePort)
        #expect(try await identities(server, certificate: nil) == [])
        try await server.shutdown()
    }

    /// What versions a client may speak: those before 1.2 are broken.
    @Test(arguments: [
        (TLSVersion.tlsv1, TLSVersion.tlsv11, false, false), (.tlsv12, .tlsv12, false, true),
        (.tlsv13, .tlsv13, false, true), (.tlsv12, .tlsv12, true, false), (.tlsv13, .tlsv13, true, true),
    ])
    func refusesOldVersions(from: TLSVersion, to: TLSVersion, demands13: Bool, isAccepted: Bool) async throws {
        let server = try await startServer(.none) { $0.tls?.demandsTLS13 = demands13 }
        let port = try #require(server.securePort)
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = from
        configuration.maximumTLSVersion = to
        configuration.certificateVerification = .none
        let context = try NIOSSLContext(configuration: configuration)
        let answer = try? await ask("ruok", port: port, context: context)
        #expect((answer == "imok") == isAccepted)
        try await server.shutdown()
    }

    /// A four-letter word over TLS.
    private func ask(_ word: String, port: Int, context: NIOSSLContext) async throws -> String {
        let collected = MultiThreadedEventLoopGroup.singleton.any().makePromise(of: String.self)
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers([
                        NIOSSLClientHandler(context: context, serverHostname: "localhost"), Collector(collected),
                    ])
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        channel.writeAndFlush(ByteBuffer(string: word), promise: nil)
        return try await collected.futureResult.get()
    }

    @Test(arguments: [
        ("missing.pem", "server.key", "ca.pem", "missing.pem cannot be read"),
        ("README.md", "server.key", "ca.pem", "README.md cannot be used"),
        ("server.pem", "client.key", "ca.pem", "do not fit together"),
        ("server.pem", "server.pem", "ca.pem", "server.pem cannot be used"),
        ("server.pem", "server.key", "README.md", "README.md cannot be used"),
        ("store.p12", "server.key", "ca.pem", "must be PEM"),
    ])
    func aFileThatCannotBeUsedIsNamed(chain: String, key: String, roots: String, text: String) async throws {
        var configuration = ServerConfiguration()
        configuration.tls = ServerTLSOptions(
            port: 0, certificateChainFile: Self.path(chain), privateKeyFile: Self.path(key),
            trustRootsFile: Self.path(roots))
        let error = await #expect(throws: ConfigurationError.self) { try await EmbeddedServer.start(configuration) }
        #expect(error?.description.contains(text) == true, "\(error?.description ?? "")")
    }

    @Test func anEncryptedKeyNeedsItsPassword() async throws {
        func start(_ password: String?) async throws -> EmbeddedServer {
            try await startServer(.none) {
                $0.tls?.privateKeyFile = Self.path("server-encrypted.key")
                $0.tls?.privateKeyPassword = password
            }
        }
        try await start("keystore-secret").shutdown()
        for password in [nil, "wrong-secret"] {
            let error = await #expect(throws: ConfigurationError.self) { try await start(password) }
            #expect(error?.description.contains("server-encrypted.key") == true)
            #expect(error?.description.contains("secret") == false)
        }
    }
}

/// Everything that comes until the end of the connection.
private final class Collector: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private var text = ""
    private let promise: EventLoopPromise<String>

    init(_ promise: EventLoopPromise<String>) {
        self.promise = promise
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        text += String(buffer: unwrapInboundIn(data))
    }

    func channelInactive(context: ChannelHandlerContext) {
        promise.succeed(text)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if text.isEmpty { promise.fail(error) }
        context.close(promise: nil)
    }
}
