import Support
import Testing
import ZKClient
import ZKCore

@testable import ZKShell

/// Messages name what is wrong, and not its neighbour; a dry run checks what reading can check.
@Suite(.timeLimit(.minutes(2))) struct RightCulpritTests {
    private struct Mistake: Sendable, CustomTestStringConvertible {
        var line: String
        var status: Int32
        var says: String
        var doesNotSay = "\u{0}"
        var testDescription: String { line }
    }

    private static let mistakes = [
        Mistake(line: "delete -x", status: 2, says: "write -- before operands", doesNotSay: "did you mean"),
        Mistake(line: "get /a --quiet", status: 2, says: "--quiet is an option of zoosh: write it before the command"),
        Mistake(line: "create /x -param", status: 2, says: "write -- before operands that begin with a dash"),
        Mistake(line: #"create /x {"a": 1}"#, status: 2, says: "data that has blanks in it must be quoted"),
        Mistake(
            line: "watch /a -- make reload", status: 2, says: "a command to run at each event stands behind --exec"),
        Mistake(line: "setAcl /a nonsense", status: 2, says: "nonsense is not an ACL entry"),
    ]

    @Test(arguments: mistakes)
    private func isNamed(_ mistake: Mistake) async throws {
        let shell = try await ShellHarness()
        try await shell.create("/a")
        let result = await shell.run(mistake.line)
        #expect(result.status == mistake.status, "\(result.errors)")
        let text = result.errors.joined(separator: "\n")
        #expect(text.contains(mistake.says), "\(text)")
        #expect(!text.contains(mistake.doesNotSay), "\(text)")
    }

    @Test func aVersionOfAnyIsTaken() async throws {
        let shell = try await ShellHarness()
        try await shell.create("/a")
        _ = try await shell.output("txn ; check /a -1 ; create /b ; commit")
        #expect(await shell.run("txn ; check /a ; commit").status == 2)
        #expect(try await shell.output("ls /") == "[a, b]\n")
    }

    @Test func aReplyThatIsTooLongNamesTheOption() async throws {
        let shell = try await ShellHarness { $0.frameBytesMax = 4096 }
        try await shell.create("/big=\(String(repeating: "x", count: 8000))")
        let result = await shell.run("get /big")
        #expect(result.errors.joined().contains("--max-buffer"), "\(result.errors)")
    }

    @Test func severalZnodesAreLabelled() async throws {
        let shell = try await ShellHarness()
        try await shell.create("/a=1", "/a/x", "/b=2")
        #expect(try await shell.output("get /a /b") == "1\n2\n", "pipes stay as they are")
        #expect(try await shell.output("get --label /a /b") == "==> /a <==\n1\n\n==> /b <==\n2\n")
        #expect(try await shell.output("ls --label /a /b") == "==> /a <==\n[x]\n\n==> /b <==\n[]\n")
        #expect(
            try await shell.output("getAcl -c --label /*")
                == "==> /a <==\nworld:anyone:cdrwa\n\n==> /b <==\nworld:anyone:cdrwa\n")
        #expect(try await shell.output("stat --label /a /b").contains("\n\n==> /b <==\ncZxid"))
        #expect(try await shell.output("ls --label --print0 /a /b") == "x\0")
    }

    @Test func aMistypedPathIsComparedWithItsSiblings() async throws {
        let shell = try await ShellHarness(isInteractive: true)
        try await shell.create("/brokers", "/brokers/topics", "/brokers/topics/orders")
        for (line, meant) in [
            ("get /brokres", "/brokers"), ("ls /brokers/topcis/orders", "/brokers/topics/orders"),
            ("create /brokers/tpoics/new x", "/brokers/topics"),
            ("stat /brokers/topics/order /brokers", "/brokers/topics/orders"),
        ] {
            let errors = await shell.run(line).errors.joined(separator: "\n")
            #expect(errors.contains("did you mean \(meant)?"), "\(line): \(errors)")
        }
        #expect(await shell.run("get /zzz").errors.allSatisfy { !$0.contains("did you mean") })
        let script = try await ShellHarness()
        try await script.create("/brokers")
        #expect(await script.run("get /brokres").errors.allSatisfy { !$0.contains("did you mean") })
    }

    @Test func identitiesNeedNoPermissionsToBeRemoved() async throws {
        let shell = try await ShellHarness()
        try await shell.create("/a")
        _ = try await shell.output("setAcl --add digest:app:c9T5yFYCHEoR/xZ3KuYTF5tNWis=:r /a")
        _ = try await shell.output("setAcl --remove digest:app:c9T5yFYCHEoR/xZ3KuYTF5tNWis= /a")
        #expect(try await shell.output("getAcl -c /a") == "world:anyone:cdrwa\n")
    }

    @Test func whoMayNotReadAnACLIsNotSentToReadIt() {
        let error = ZooKeeperError(code: .noAuth, operation: "getACL", path: "/a", message: "")
        #expect(!ShellError(error).message.contains("getAcl shows"))
    }

    @Test func theChrootStandsOnce() throws {
        let error = #expect(throws: ConnectStringError.self) { try ConnectString("h1/zoo,h2/zoo") }
        #expect(error?.reason.contains("behind the last host: h1,h2/zoo") == true)
        #expect(try ConnectString("h1,h2/zoo/").chroot == "/zoo")
        #expect(try ConnectString("h1,h2/a,b").chroot == "/a,b", "a comma may stand in a name")
    }

    @Test func aRelativeHistoryFileStaysWhereTheShellIs() throws {
        let files = try TemporaryDirectory()
        let file = HistoryFile(path: "\(files.path)/rel/history")
        try file.prepare()
        #expect(HistoryFile.parents(of: "rel/path/file") == ["rel", "rel/path"])
        #expect(HistoryFile.parents(of: "/rel/path/file") == ["/rel", "/rel/path"])
    }

    @Test(arguments: [
        ("create /nope/x", Int32(4)), ("create /a", 5), ("delete /nope", 4), ("delete /a", 6), ("delete -v 9 /a/b", 7),
        ("set /nope x", 4), ("set -v 9 /a x", 7), ("create /a/new", 0), ("create -p /nope/x", 0), ("delete /a/b", 0),
        ("delete -f /nope", 0), ("set -p /nope x", 0), ("create --exist-ok /a", 0), ("touch /nope/x", 4),
        ("append /nope/x y", 4), ("append /a y", 0), ("incr /nope/x", 4), ("incr /a/b", 0), ("incr /word", 1),
        ("setAcl /nope world:anyone:cdrwa", 4), ("create /eph/x", 1),
    ])
    func aDryRunPromisesOnlyWhatCanBe(line: String, status: Int32) async throws {
        let shell = try await ShellHarness()
        try await shell.create("/a", "/a/b", "/word=letters")
        _ = try await shell.output("create -e /eph")
        shell.session.updateOptions { $0.isDryRun = true }
        let result = await shell.run(line)
        #expect(result.status == status, "\(line): \(result.errors)")
        #expect(status != 0 || line.contains("-f") || result.output.hasPrefix("would "), "\(result.output)")
    }

    @Test func aDryRunKnowsWhatTheCommandsBeforeWouldHaveDone() async throws {
        let shell = try await ShellHarness()
        try await shell.create("/a", "/a/b")
        shell.session.updateOptions { $0.isDryRun = true }
        for (line, status) in [
            ("create /new", Int32(0)), ("create /new/x", 0), ("create /new", 5), ("delete /new", 6),
            ("set /new/x y", 0),
            ("delete /a/b ; delete /a ; create /a", 0), ("set /a/b x", 4), ("deleteall -f /a ; create /whatever/x", 0),
        ] {
            let result = await shell.run(line)
            #expect(result.status == status, "\(line): \(result.errors)")
        }
        #expect(try await shell.client.exists("/a/b") != nil)
    }

    @Test func aTreeShowsNoDataWhereThereIsNone() async throws {
        let shell = try await ShellHarness()
        try await shell.client.create("/empty", data: [])
        try await shell.create("/full=x")
        let lines = try await shell.output("tree --data /").split(separator: "\n")
        #expect(lines.contains { $0.hasSuffix("empty") }, "\(lines)")
        #expect(lines.contains { $0.hasSuffix("full: x") }, "\(lines)")
    }
}
