import Foundation
import Support
import Testing

/// config and reconfig in all forms that zkCli has.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ReconfigTests {
    private let superUser = ["-a", "digest:super:golden"]

    /// The lines `server.N=…` of a member's own configuration file.
    private func lines(_ ensemble: ApacheEnsemble) throws -> [String] {
        try String(contentsOf: ensemble.members[0].directory.url("members.cfg"), encoding: .utf8)
            .split(separator: "\n").map(String.init)
    }

    /// The members that `config` prints, and its version.
    private func configuration(_ servers: String) async throws -> (members: [String], version: String) {
        let result = try await zoosh(servers, "config")
        #expect(result.status == 0, "\(result.errorText)")
        let lines = result.outputText.split(separator: "\n").map(String.init)
        let version = try #require(lines.first { $0.hasPrefix("version=") })
        return (lines.filter { $0.hasPrefix("server.") }, String(version.dropFirst("version=".count)))
    }

    @Test func allForms() async throws {
        var options = ApacheOptions.standard
        options.configuration["reconfigEnabled"] = "true"
        let ensemble = try await ApacheEnsemble.start(size: 4, observers: [4], options)
        let all = try lines(ensemble)
        // Those that no form removes: a server that is removed closes its connections.
        let servers = ensemble.members[..<3].map(\.connectString).joined(separator: ",")

        let first = try await configuration(servers)
        #expect(first.members == all)
        let clients = try await zoosh(servers, "config", "-c")
        #expect(clients.outputText == "\(first.version) \(ensemble.connectString)\n")
        #expect(try await zoosh(servers, "config", "-s").outputText.contains("cZxid = "))
        let status = try await zoosh(servers, "status")
        #expect(status.status == 0 && status.outputText.contains("observer"), "\(status.outputText)")
        #expect(status.outputText.contains("quorum: 3 of 3 voters serve"))

        let denied = try await zoosh(servers, "reconfig", "-remove", "4")
        #expect(denied.status == 8, "nobody but the super user may")

        let removed = try await zoosh(servers, "reconfig", "-remove", "4", options: superUser)
        #expect(removed.status == 0, "\(removed.errorText)")
        #expect(removed.outputText.hasPrefix("Committed new configuration:\n"))
        #expect(try await configuration(servers).members == Array(all[..<3]))

        // The observer comes back as a voter, under a version check.
        let version = try await configuration(servers).version
        let voter = all[3].replacingOccurrences(of: ":observer", with: ":participant")
        let stale = try await zoosh(servers, "reconfig", "-v", "1", "-add", voter, options: superUser)
        #expect(stale.status == 7, "\(stale.errorText)")
        let added = try await zoosh(servers, "reconfig", "-s", "-v", version, "-add", voter, options: superUser)
        #expect(added.status == 0, "\(added.errorText)")
        #expect(added.outputText.contains("cZxid = "))
        #expect(try await configuration(servers).members == Array(all[..<3]) + [voter])

        let file = try TemporaryDirectory()
        try Data(all.map { $0 + "\n" }.joined().utf8).write(to: file.url("members.cfg"))
        let fromFile = try await zoosh(servers, "reconfig", "-file", file.path("members.cfg"), options: superUser)
        #expect(fromFile.status == 0, "\(fromFile.errorText)")
        #expect(try await configuration(servers).members == all)

        let members = all[..<3].joined(separator: ",")
        let fromList = try await zoosh(servers, "reconfig", "-members", members, options: superUser)
        #expect(fromList.status == 0, "\(fromList.errorText)")
        #expect(try await configuration(servers).members == Array(all[..<3]))

        // In the shell: the watch of `config -w` reports the next change.
        let script = "config -w\nreconfig -add \(all[3])\nconfig -c\n"
        let shell = try await ChildProcess.run(
            BuiltProduct.zoosh, ["-s", servers] + superUser + ["-f", "-"], environment: BuiltProduct.plainEnvironment,
            input: Array(script.utf8))
        #expect(shell.exit == .status(0), "\(shell.errorText)")
        #expect(shell.errorText.contains("event: NodeDataChanged /zookeeper/config"), "\(shell.errorText)")
        #expect(shell.outputText.hasSuffix(" \(ensemble.connectString)\n"))
        await ensemble.stop()
    }

    @Test func disabledReconfigSaysHowToEnableIt() async throws {
        let ensemble = try await ApacheEnsemble.shared()
        let result = try await zoosh(ensemble.connectString, "reconfig", "-remove", "3", options: superUser)
        #expect(result.status == 10)
        #expect(result.errorText.contains("reconfigEnabled=true"))
    }
}
