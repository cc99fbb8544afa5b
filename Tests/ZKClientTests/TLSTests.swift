import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import Support
import Testing
import ZKCore
import ZKWire

@testable import ZKClient

/// Who is trusted over TLS, and what a failure says.
@Suite(.timeLimit(.minutes(2)))
struct TLSTests {
    private func path(_ name: String) -> String { Fixtures.url("tls/\(name)").path }

    /// A scripted server with this certificate.
    private func startServer(certificate: String, wantsClientCertificate: Bool = false) async throws -> ScriptedServer {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(path("\(certificate).pem")).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: path("\(certificate).key"), format: .pem)))
        if wantsClientCertificate {
            configuration.certificateVerification = .noHostnameVerification
            configuration.trustRoots = .file(path("ca.pem"))
        }
        return try await ScriptedServer.start(tls: try NIOSSLContext(configuration: configuration))
    }

    private func connect(
        _ server: ScriptedServer, host: String = "127.0.0.1", _ options: TLSOptions, greets: Bool = true,
        timeout: Duration = .milliseconds(1500)
    ) async throws {
        var configuration = ClientConfiguration(
            connectString: ConnectString(hosts: [.init(name: host, port: server.port)]))
        configuration.tls = options
        configuration.closeTimeout = .milliseconds(50)
        let client = ZooKeeperClient(configuration: configuration)
        // Connections of clients before this one may still be there.
        let greeting = Task { while greets, !Task.isCancelled { _ = try? await server.accept().greet() } }
        defer { greeting.cancel() }
        let result: Result<Void, any Error>
        do {
            result = .success(try await client.waitUntilConnected(timeout: timeout))
        } catch {
            result = .failure(error)
        }
        await client.close()
        try result.get()
    }

    @Test(arguments: ["127.0.0.1", "localhost"])
    func connectsToATrustedServerOfThatName(host: String) async throws {
        let server = try await startServer(certificate: "server")
        try await connect(server, host: host, TLSOptions(trustRootsFile: path("ca.pem")))
    }

    @Test func refusesAServerOfAnotherName() async throws {
        let server = try await startServer(certificate: "stranger")
        let options = TLSOptions(trustRootsFile: path("ca.pem"))
        let error = await #expect(throws: ZooKeeperError.self) {
            try await connect(server, host: "localhost", options)
        }
        #expect(error?.message.contains("made out to another host") == true, "\(error?.message ?? "")")
        var named = options
        named.serverName = "stranger.example"
        try await connect(server, named)
        var unnamed = options
        unnamed.verification = .withoutHostname
        try await connect(server, unnamed)
    }

    @Test func refusesAServerThatNobodyTrustedHasSigned() async throws {
        let server = try await startServer(certificate: "server")
        let error = await #expect(throws: ZooKeeperError.self) { try await connect(server, TLSOptions()) }
        #expect(error?.message.contains("not signed by a trusted one") == true, "\(error?.message ?? "")")
        try await connect(server, TLSOptions(verification: .none))
    }

    @Test func showsItsOwnCertificate() async throws {
        let server = try await startServer(certificate: "server", wantsClientCertificate: true)
        var options = TLSOptions(trustRootsFile: path("ca.pem"))
        let error = await #expect(throws: ZooKeeperError.self) { try await connect(server, options) }
        #expect(error?.message.contains("client certificate") == true, "\(error?.message ?? "")")
        options.certificateChainFile = path("client.pem")
        options.privateKeyFile = path("client.key")
        try await connect(server, options)
    }

    @Test func aFileThatCannotBeUsedIsNamedAtOnce() async throws {
        let server = try await ScriptedServer.start()
        for (options, text) in [
            (TLSOptions(trustRootsFile: "/nonexistent/ca.pem"), "/nonexistent/ca.pem cannot be used: No such file"),
            (TLSOptions(trustRootsFile: path("make.sh")), "make.sh cannot be used"),
            (TLSOptions(certificateChainFile: path("client.pem")), "has no private key"),
        ] {
            let start = ContinuousClock.now
            let error = await #expect(throws: ZooKeeperError.self) {
                try await connect(server, options, timeout: .seconds(30))
            }
            #expect(error?.message.contains(text) == true, "\(error?.message ?? "")")
            #expect(ContinuousClock.now - start < .seconds(20))
        }
    }

    @Test(arguments: ["client.p12", "client-java.p12"])
    func certificateAndKeyMayBeInAKeyStore(file: String) async throws {
        let server = try await startServer(certificate: "server", wantsClientCertificate: true)
        var options = TLSOptions(trustRootsFile: path("ca.pem"), certificateChainFile: path(file))
        options.keyPassword = "keystore-secret"
        try await connect(server, options)
        // As the shell names it when only one file was given.
        options.privateKeyFile = path(file)
        try await connect(server, options)
        #expect(!"\(options)".contains("keystore-secret"))
    }

    @Test func encryptedKeysOpenWithTheirPassword() async throws {
        let server = try await startServer(certificate: "server", wantsClientCertificate: true)
        var options = TLSOptions(
            trustRootsFile: path("ca.pem"), certificateChainFile: path("server.pem"),
            privateKeyFile: path("server-encrypted.key"))
        options.keyPassword = "keystore-secret"
        try await connect(server, options)
    }

    @Test func keyStoresThatCannotBeUsedSayWhatToDo() async throws {
        let server = try await ScriptedServer.start()
        func message(_ options: TLSOptions) async throws -> String {
            let error = await #expect(throws: ZooKeeperError.self) {
                try await connect(server, options, timeout: .seconds(30))
            }
            return error?.message ?? ""
        }
        var options = TLSOptions(certificateChainFile: path("client.p12"))
        #expect(try await message(options).contains("client.p12 is PKCS12 that needs its password"))
        options.keyPassword = "wrong"
        #expect(try await message(options).contains("does not open with this password"))
        options.certificateChainFile = path("ca.p12")
        #expect(try await message(options).contains("PKCS12 without a private key"))
        options.certificateChainFile = path("ca.jks")
        options.privateKeyFile = path("client.key")
        #expect(try await message(options).contains("keytool -importkeystore -srckeystore"))
        #expect(try await message(TLSOptions(trustRootsFile: path("ca.jks"))).contains("openssl pkcs12 -in"))
        #expect(try await message(TLSOptions(trustRootsFile: path("ca.p12"))).contains("-nokeys -out"))
    }

    @Test func whatWaitingDoesNotMendIsHopeless() async throws {
        let untrusted = try await startServer(certificate: "server")
        for (host, port, tls) in [
            ("127.0.0.1", untrusted.port, TLSOptions()), ("no-such-host.invalid", 2181, nil as TLSOptions?),
        ] {
            var configuration = ClientConfiguration(
                connectString: ConnectString(hosts: [.init(name: host, port: port)]))
            configuration.tls = tls
            let client = ZooKeeperClient(configuration: configuration)
            while client.hostFailures[0].failure == nil { try await Task.sleep(for: .milliseconds(5)) }
            #expect(client.isHopeless || client.hostFailures[0].failure?.contains("Temporary") == true)
            await client.closeWithoutWaiting()
        }
        let refused = ClientConfiguration(
            connectString: ConnectString(hosts: [.init(name: "127.0.0.1", port: Int(try Loopback.freePort()))]))
        let client = ZooKeeperClient(configuration: refused)
        while client.hostFailures[0].failure == nil { try await Task.sleep(for: .milliseconds(5)) }
        #expect(!client.isHopeless, "a server may be about to start")
        await client.closeWithoutWaiting()
    }

    @Test func neverFallsBackToPlain() async throws {
        let server = try await ScriptedServer.start()
        let answer = Task {
            let connection = try await server.accept()
            connection.sendBytes(ByteBuffer(string: "plain text, no TLS"))
        }
        let error = await #expect(throws: ZooKeeperError.self) {
            try await connect(server, TLSOptions(), greets: false)
        }
        #expect(error?.message.contains("it does not speak TLS on this port") == true, "\(error?.message ?? "")")
        try await answer.value
    }

    @Test func apacheTakesTheCertificateForAnIdentity() async throws {
        let port = try Loopback.freePort()
        let server = try await ApacheServer.start(
            ApacheOptions(
                configuration: ["secureClientPort": "\(port)", "secureClientPortAddress": "127.0.0.1"],
                properties: [
                    "zookeeper.serverCnxnFactory": "org.apache.zookeeper.server.NettyServerCnxnFactory",
                    "zookeeper.ssl.keyStore.location": path("server-keystore.pem"),
                    "zookeeper.ssl.keyStore.type": "PEM", "zookeeper.ssl.trustStore.location": path("ca.pem"),
                    "zookeeper.ssl.trustStore.type": "PEM",
                    "zookeeper.authProvider.x509": "org.apache.zookeeper.server.auth.X509AuthenticationProvider",
                ]))
        var configuration = ClientConfiguration(connectString: try ConnectString("zks://localhost:\(port)"))
        configuration.tls = TLSOptions(
            trustRootsFile: path("ca.pem"), certificateChainFile: path("client.pem"),
            privateKeyFile: path("client.key"))
        let client = ZooKeeperClient(configuration: configuration)
        try await client.waitUntilConnected(timeout: .seconds(10))
        let identities = try await client.whoAmI()
        #expect(identities.contains { $0.scheme == "x509" && $0.id == "CN=client1,O=Example" })
        try await client.create("/mine", acl: .creatorAll)
        let plain = ZooKeeperClient(
            configuration: ClientConfiguration(connectString: try ConnectString(server.connectString)))
        let error = await #expect(throws: ZooKeeperError.self) { try await plain.getData("/mine") }
        #expect(error?.code == .noAuth)
        await client.close()
        await plain.close()
        await server.kill()
    }
}
