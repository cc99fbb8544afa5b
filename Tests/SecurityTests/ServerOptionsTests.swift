import Foundation
import Support
import Testing

/// `zoosh server` with TLS and SASL by its options, and clients of the command line.
@Suite(.timeLimit(.minutes(2))) struct ServerOptionsTests {
    private static func tls(_ name: String) -> String { Fixtures.url("tls/\(name)").path }

    private static let environment = ["HOME": "/nonexistent", "PATH": "/usr/bin:/bin", "TERM": "dumb"]

    private func zoosh(_ arguments: [String]) async throws -> CommandResult {
        try await ChildProcess.run(BuiltProduct.zoosh, arguments, environment: Self.environment)
    }

    private func jaas(in files: TemporaryDirectory) throws -> String {
        try Data(
            """
            Server {
                org.apache.zookeeper.server.auth.DigestLoginModule required user_bob="bobsecret";
            };

            """.utf8
        ).write(to: files.url("jaas"))
        chmod(files.path("jaas"), 0o600)
        return files.path("jaas")
    }

    @Test func certificatesOfBothSides() async throws {
        let server =
            ["server", "--memory", "--tls-port", "0", "--no-plain", "--tls-cert", Self.tls("server.pem")]
            + ["--tls-key", Self.tls("server.key"), "--tls-ca", Self.tls("ca.pem"), "--"]
        let client = [BuiltProduct.zoosh, "--tls-ca", Self.tls("ca.pem")]
        let certificate = ["--tls-cert", Self.tls("client.pem"), "--tls-key", Self.tls("client.key")]
        let who = try await zoosh(server + client + certificate + ["whoami"])
        #expect(who.status == 0, "\(who.errorText)")
        #expect(who.outputText.contains("CN=client1,O=Example"))
        #expect(who.errorText.contains("listening with TLS on 127.0.0.1:"))
        let nobody = try await zoosh(server + client + ["--connect-timeout", "2s", "whoami"])
        #expect(nobody.status == 3, "a certificate is needed")
    }

    @Test func usersOfAJAASFile() async throws {
        let files = try TemporaryDirectory()
        let server = ["server", "--memory", "--jaas", try jaas(in: files), "--require-auth", "sasl", "--"]
        try Data("bobsecret\n".utf8).write(to: files.url("password"))
        try Data("wrong\n".utf8).write(to: files.url("wrong"))
        let client = [BuiltProduct.zoosh, "--sasl-user", "bob", "--sasl-password-file"]
        let bob = try await zoosh(server + client + [files.path("password"), "whoami"])
        #expect(bob.status == 0 && bob.outputText.contains("sasl: bob"), "\(bob.outputText)\(bob.errorText)")
        #expect(try await zoosh(server + client + [files.path("wrong"), "whoami"]).status == 8)
        #expect(try await zoosh(server + [BuiltProduct.zoosh, "--connect-timeout", "2s", "ls", "/"]).status != 0)
    }

    /// kazoo logs in with pure-sasl.
    @Test func kazooLogsIn() async throws {
        let files = try TemporaryDirectory()
        let server = try await ZooshServer.start(
            ["--memory", "--jaas", try jaas(in: files), "--require-auth", "sasl"])
        let script = """
            import sys
            from kazoo.client import KazooClient
            from kazoo.security import make_acl
            def client(password):
                options = {"mechanism": "DIGEST-MD5", "username": "bob", "password": password}
                return KazooClient(hosts=sys.argv[1], sasl_options=options, timeout=10)
            bob = client("bobsecret")
            bob.start(timeout=20)
            bob.create("/mine", b"x", acl=[make_acl("sasl", "bob", all=True)])
            assert bob.get("/mine")[0] == b"x"
            bob.stop()
            other = client("wrong")
            try:
                other.start(timeout=5)
                other.get_async("/mine").get(timeout=5)
            except Exception:
                print("passed")
            else:
                sys.exit("a wrong password got in")
            """
        let result = try await ChildProcess.run(Kazoo.python, ["-c", script, server.connectString])
        #expect(result.status == 0 && result.outputText == "passed\n", "\(result.errorText)")
        await server.stop()
    }

    @Test(arguments: [
        ["--tls-cert", "x"], ["--tls-port", "0"], ["--tls-port", "70000", "--tls-cert", "x"], ["--no-plain"],
        ["--tls-port", "0", "--tls-cert", "x", "--tls-client-auth", "maybe"], ["--require-auth", "sasl"],
        ["--require-auth", "magic"], ["--jaas", "/nonexistent/jaas"],
    ])
    func wrongOptionsAreTold(_ options: [String]) async throws {
        let result = try await zoosh(["server", "--memory", "--port", "0"] + options)
        #expect(result.status == 2, "\(result.errorText)")
        let named = options.filter { $0.hasPrefix("--") } + ["--tls-port"]
        #expect(named.contains { result.errorText.contains($0) }, "\(result.errorText)")
    }
}
