import ShellLanguage
import Support
import Testing
import ZKClient
import ZKCore

@testable import ZKShell

/// Each side of cp, diff and mirror has its own TLS and its own identities.
@Suite(.timeLimit(.minutes(2))) struct OtherEnsembleTests {
    private static let secret = Array("joe:secret".utf8)

    /// A tree that only joe may read.
    private func sample() async throws -> ShellHarness {
        let owner = try await ShellHarness { $0.credentials = [.init(scheme: "digest", secret: Self.secret)] }
        try await owner.client.create("/s", data: Array("1".utf8), acl: .creatorAll)
        return owner
    }

    @Test func identitiesStayWithTheirEnsemble() async throws {
        let owner = try await sample()
        let address = owner.session.options.server
        let shell = try await TransferServer.apache.shell {
            $0.credentials = [.init(scheme: "digest", secret: Self.secret)]
        }
        try await shell.create("/mine")
        for line in ["cp zk://\(address)/s /x", "diff zk://\(address)/s /mine", "cp -f /mine zk://\(address)/s"] {
            let result = await shell.run(line)
            #expect(result.status != 0)
            #expect(
                result.errors.contains { $0.contains("zk://\(address)/s: insufficient") }, "\(line) \(result.errors)")
        }
        #expect(try await !shell.exists("/x"))
        // Nor do they go along with the session itself.
        let before = try await shell.client.whoAmI().map(\.scheme)
        #expect(before.contains("digest"))
        _ = try await shell.output("connect \(address)")
        #expect(try await shell.session.connection.client().whoAmI().allSatisfy { $0.scheme != "digest" })
    }

    @Test func profilesBringTheirOwn() async throws {
        let owner = try await sample()
        let files = try TemporaryDirectory()
        let config = try files.write(
            """
            [profile other-1]
            server = \(owner.session.options.server)
            auth-file = \(files.path("auth"))
            [profile locked]
            server = \(owner.session.options.server)
            read-only = on
            """, to: "config")
        _ = try files.write("digest:joe:secret\n", to: "auth")
        let launch = try Launch(
            words: ["--config", Word(config), "ls"], programName: "zoosh", environment: { _ in nil })
        let shell = try await TransferServer.apache.shell { $0.profiles = launch.options.profiles }
        try await shell.create("/mine=2")
        _ = try await shell.output("cp --no-acl @other-1:/s /x")
        #expect(try await shell.client.getData("/x").data == Array("1".utf8))
        _ = try await shell.output("cp -f /mine @other-1:/s")
        #expect(try await owner.client.getData("/s").data == Array("2".utf8))
        #expect(await shell.run("cp -f /mine @locked:/s").status == 10)
        let unknown = await shell.run("cp @nobody:/s /y")
        #expect(unknown.status == 2 && unknown.errors[0].contains("[profile nobody]"), "\(unknown.errors)")
        let missing = await shell.run("cp @other-1:/nope /y")
        #expect(missing.status == 4 && missing.errors[0].contains("@other-1:/nope: node does not exist"))
        // A file whose name looks otherwise.
        #expect(await shell.run("cp @\(files.path("none:x")) /y").status == 74)
    }

    @Test func theNameSaysWhetherThereIsTLS() throws {
        var options = ShellOptions()
        options.credentials = [.init(scheme: "digest", secret: Self.secret)]
        options.sasl = .digestMD5(user: "joe", password: "secret")
        options.tls.isEnabled = true
        options.tls.caFile = "/ca.pem"
        options.tls.certificateFile = "/me.pem"
        options.tls.isInsecure = true
        let plain = try ClientConfiguration(shellOptions: options.forOtherEnsemble(try ConnectString("zk://a:1/x")))
        #expect(plain.tls == nil && !plain.connectString.usesTLS && plain.auth.isEmpty && plain.sasl == nil)
        options.tls.isEnabled = false
        let secure = try ClientConfiguration(shellOptions: options.forOtherEnsemble(try ConnectString("zks://a:1/x")))
        #expect(secure.tls?.trustRootsFile == "/ca.pem")
        #expect(secure.tls?.certificateChainFile == nil && secure.tls?.privateKeyFile == nil)
        #expect(secure.tls?.verification == .full && secure.auth.isEmpty && secure.sasl == nil)
    }
}
