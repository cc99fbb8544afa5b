import Support
import Testing
import ZKClient
import ZKCore

@testable import ZKShell

/// `--dry-run` changes nothing, whatever the command.
@Suite(.timeLimit(.minutes(2))) struct DryRunTests {
    private static let lines = [
        "create": "create /new x", "set": "set /a new", "delete": "delete /a/b", "deleteall": "deleteall /a",
        "touch": "touch /a /new", "edit": "edit /a", "append": "append /a more", "incr": "incr /number",
        "cp": "cp -r /a /copy", "mv": "mv -r /a /moved", "mirror": "mirror --delete /a /number",
        "import": "import --replace - /a <<END\n"
            + #"{"path":"/x","data":"y","encoding":"utf8"}"# + "\n" + #"{"zoosh":"end","znodes":1}"# + "\nEND\n",
        "apply": "apply --prune --owner me /a /number",
        "restore": "restore --replace - /a <<END\n"
            + #"{"path":"/a","data":"y","encoding":"utf8"}"# + "\n" + #"{"zoosh":"end","znodes":1}"# + "\nEND\n",
        "setAcl": "setAcl /a world:anyone:r", "setquota": "setquota -n 5 /a", "delquota": "delquota /limited",
        "txn": "txn <<END\ncreate /new\nEND\n", "check": "txn ; check /a 0 ; commit",
    ]

    @Test(arguments: lines.values.sorted())
    func changesNothing(line: String) async throws {
        // There are quotas only without a chroot.
        try await ShellHarness.withOwnServer(options: { $0.editor = "sh -c 'echo changed > $1'" }) { shell in
            try await shell.create("/a=x", "/a/b", "/number=1", "/limited")
            _ = try await shell.output("setquota -n 9 /limited")
            func everything() async throws -> String {
                try await shell.output("export / --format jsonl --acl --stat") + shell.output("listquota /limited")
            }
            let before = try await everything()
            shell.session.updateOptions { $0.isDryRun = true }
            let result = await shell.run(line)
            #expect(result.status == 0, "\(result.errors)")
            #expect(!result.output.isEmpty, "it must say what it would do")
            shell.session.updateOptions { $0.isDryRun = false }
            #expect(try await everything() == before)
        }
    }

    @Test func everyCommandThatWritesIsTried() {
        let writing = shellCommands.map { $0.declaration }.filter { $0.writes && $0.group != .transactions }.map {
            $0.name
        }
        #expect(Set(writing).subtracting(Self.lines.keys).subtracting(["reconfig"]).isEmpty)
    }
}
