import Support
import Testing

/// What a shell does with more than one ensemble, and with a chroot.
@Suite(.serialized, .timeLimit(.minutes(3))) struct ShellOnEnsemblesTests {
    @Test func connectLeadsToAnotherEnsemble() async throws {
        let ensemble = try await ApacheEnsemble.shared()
        let other = try await ZooshServer.start()
        #expect(try await zoosh(ensemble.connectString, "create", "/which", "the ensemble").status == 0)
        #expect(try await zoosh(other.connectString, "create", "/which", "the single server").status == 0)
        let script =
            "get /which\nconnect \(other.connectString)\nget /which\nconnect \(ensemble.connectString)\nget /which\n"
        let shell = try await ChildProcess.run(
            BuiltProduct.zoosh, ["-s", ensemble.connectString, "-f", "-"], environment: BuiltProduct.plainEnvironment,
            input: Array(script.utf8))
        #expect(shell.exit == .status(0), "\(shell.errorText)")
        #expect(shell.outputText == "the ensemble\nthe single server\nthe ensemble\n")
        #expect(try await zoosh(ensemble.connectString, "delete", "/which").status == 0)
    }

    @Test func aMissingChrootIsToldOrMade() async throws {
        let servers = try await ApacheEnsemble.shared().connectString
        let missing = try await zoosh(servers + "/not/there", "ls", "/")
        #expect(missing.status == 4)
        #expect(missing.errorText.contains("chroot /not/there does not exist (create it with --create-chroot)"))
        let made = try await zoosh(servers + "/not/there", "create", "/x", options: ["--create-chroot"])
        #expect(made.status == 0, "\(made.errorText)")
        #expect(try await zoosh(servers, "ls", "/not/there").outputText == "[x]\n")
        #expect(try await zoosh(servers, "deleteall", "/not").status == 0)
    }
}
