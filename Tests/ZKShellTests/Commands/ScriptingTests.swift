import Foundation
import ShellLanguage
import Support
import Testing
import ZKClient
import ZKCore
import ZKText

@testable import ZKShell

/// alias, opt, source, echo, sleep, time, repeat, try, pushd, popd, session, reconnect, watches.
@Suite(.timeLimit(.minutes(2))) struct ScriptingTests {
    @Test func echoPrintsWords() async throws {
        let shell = try await ShellHarness()
        #expect(try await shell.output(#"echo a  'b  c' -- -n"#) == "a b  c -n\n")
        #expect(try await shell.output("echo -n x") == "x")
        #expect(try await shell.json("echo hi")[0]["text"] == "hi")
    }

    @Test(arguments: [
        "get /a --json", "get --json /a", "get /a --output json", "get -o json /a", "get --output=json /a",
        "time get /a --json",
    ])
    func theFormatOfTheOutputMayStandBehindTheCommand(line: String) async throws {
        let shell = try await ShellHarness()
        try await shell.create("/a")
        let output = try await shell.output(line)
        #expect(output.hasPrefix("{\"path\":\"/a\""), "\(output)")
        // It is for this command alone, and what stands behind -- is none.
        #expect(try await shell.output("exists /a") == "true\n")
        #expect(try await shell.output("echo -- --json") == "--json\n")
        let wrong = await shell.run("get /a --output yaml")
        #expect(wrong.status == 2)
        #expect(wrong.errors[0].contains("yaml is none of plain, json, raw, table"), "\(wrong.errors)")
    }

    @Test func aliasesAddWords() async throws {
        let shell = try await ShellHarness()
        try await shell.create("/a", "/a/b")
        _ = try await shell.output("alias l='ls -1'")
        #expect(try await shell.output("l /a") == "b\n")
        #expect(try await shell.output("time l /a") == "b\n")
        #expect(try await shell.output("alias") == "alias l=ls -1\n")
        // An alias may hide the command that it stands for.
        _ = try await shell.output("alias ls=ls -1")
        #expect(try await shell.output("ls /a") == "b\n")
        #expect(try await shell.output("'ls' /a") == "[b]\n", "quoted it is the command")
        _ = try await shell.output("alias x=y ; alias y=x")
        #expect(await shell.run("x").status == 127)
        #expect(await shell.run("alias 'p=ls | wc'").status == 2)
        #expect(await shell.run("alias nope").status == 1)
        _ = try await shell.output("unalias ls l")
        #expect(await shell.run("l /a").status == 127)
        #expect(await shell.run("unalias l").status == 1)
        _ = try await shell.output("unalias -a")
        #expect(try await shell.output("alias").isEmpty)
    }

    @Test func optionsChange() async throws {
        let shell = try await ShellHarness()
        try await shell.create("/a=x")
        #expect(try await shell.output("opt output") == "plain\n")
        #expect(try await shell.output("opt output json ; get /a").hasPrefix(#"{"path":"/a""#))
        _ = try await shell.output("opt output plain")
        #expect(try await shell.output("opt").split(separator: "\n").count == ShellSetting.allCases.count)
        #expect(await shell.run("opt output nope").status == 2)
        #expect(await shell.run("opt nope").status == 2)
        #expect(await shell.run("opt glob maybe").status == 2)
        for name in ["histexpand", "glob", "confirm", "printwatches", "timing"] {
            for value in ["on", "off"] {
                #expect(try await shell.output("opt \(name) \(value) ; opt \(name)") == "\(value)\n")
            }
        }
    }

    @Test func timingFollowsEachCommand() async throws {
        let shell = try await ShellHarness()
        let result = await shell.run("opt timing on ; echo a")
        #expect(result.errors.count == 2)
        #expect(result.errors[1].hasSuffix(" ms)"))
        _ = await shell.run("opt timing off")
        let timed = await shell.run("time get /nope")
        #expect(timed.status == 4)
        #expect(timed.errors.last?.hasPrefix("time: ") == true)
    }

    @Test func triesAndRepeats() async throws {
        let shell = try await ShellHarness()
        #expect(await shell.run("try get /nope").status == 0)
        #expect(try await shell.output("repeat 3 create -s /n-").split(separator: "\n").count == 3)
        #expect(await shell.run("repeat 2 get /nope").errors.count == 2)
        #expect(await shell.run("repeat 2 get /nope").status == 4)
        #expect(await shell.run("repeat -- -1 ls").status == 2)
        #expect(await shell.run("repeat x ls").status == 2)
        #expect(try await shell.output("repeat 2 -i 1ms echo -n x") == "xx")
    }

    @Test(arguments: [
        ("exists /no || echo free", 0, "false\nfree\n"), ("exists /no && echo locked", 1, "false\n"),
        ("exists /no && echo locked || echo free", 0, "false\nfree\n"), ("exists / || echo free", 0, "true\n"),
        ("get /no || get /no/no ; echo x", 0, "x\n"), ("echo a || echo b && echo c", 0, "a\nc\n"),
    ])
    func theLastCommandThatRanHasTheStatus(line: String, status: Int32, output: String) async throws {
        let shell = try await ShellHarness()
        let result = await shell.run(line)
        #expect(result.status == status && result.output == output)
    }

    @Test func aByteOrderMarkIsNoPartOfTheFirstCommand() async throws {
        #expect(try await batch("\u{FEFF}echo a\necho b") == (0, "a\nb\n"))
    }

    private func batch(_ texts: String...) async throws -> (status: Int32, output: String) {
        let shell = try await ShellHarness { $0.exitsOnError = true }
        let status = await BatchRunner(session: shell.session).run(texts.map { .text(Array($0.utf8)) })
        return (status.rawValue, String(decoding: shell.session.output.takeBytes(), as: UTF8.self))
    }

    @Test func exitOnErrorDoesNotLookAtTheLeftOfAndAndOr() async throws {
        #expect(try await batch("exists /no || echo free\necho next") == (0, "false\nfree\nnext\n"))
        #expect(try await batch("exists /no && echo locked\necho next") == (1, "false\nnext\n"))
        #expect(try await batch("exists /no && echo locked", "echo next") == (1, "false\nnext\n"))
        #expect(try await batch("exists / && exists /no\necho next") == (1, "true\nfalse\n"))
        #expect(try await batch("exists /no || exists /no", "echo next") == (1, "false\nfalse\n"))
        #expect(try await batch("exists /no ; echo next") == (1, "false\n"))
    }

    @Test func sleeps() async throws {
        let shell = try await ShellHarness()
        let start = ContinuousClock.now
        #expect(await shell.run("sleep 0.02").status == 0)
        #expect(ContinuousClock.now - start >= .milliseconds(20))
        #expect(await shell.run("sleep soon").status == 2)
    }

    @Test func sourceRunsInThisShell() async throws {
        let shell = try await ShellHarness()
        try await shell.create("/a")
        let directory = try TemporaryDirectory()
        let file = directory.path("script")
        try Data("cd /a\nalias n=ls -1\nget nope\necho end\n".utf8).write(to: URL(filePath: file))
        let result = await shell.run("source \(file)")
        #expect(result.status == 4)
        #expect(result.output == "end\n")
        #expect(result.errors == ["zoosh: \(file):3: get: /a/nope: node does not exist"])
        #expect(try await shell.output("pwd") == "/a\n")
        let loop = directory.path("loop")
        try Data("source \(loop)\n".utf8).write(to: URL(filePath: loop))
        #expect(await shell.run("source \(loop)").status == 2)
        #expect(await shell.run("source /does/not/exist").status == 74)
    }

    @Test func remembersPaths() async throws {
        let shell = try await ShellHarness()
        try await shell.create("/a", "/b")
        #expect(try await shell.output("pushd /a") == "/a /\n")
        #expect(try await shell.output("pushd /b") == "/b /a /\n")
        #expect(try await shell.output("pushd") == "/a /b /\n")
        #expect(try await shell.output("popd") == "/b /\n")
        #expect(try await shell.output("popd ; pwd") == "/\n/\n")
        #expect(await shell.run("popd").status == 2)
        #expect(await shell.run("pushd").status == 2)
        #expect(await shell.run("pushd /nope").status == 4)
    }

    @Test func tellsOfSessionAndWatches() async throws {
        let shell = try await ShellHarness()
        try await shell.create("/a")
        #expect(try await shell.output("watches").isEmpty)
        _ = try await shell.output("addWatch /a ; get -w /a")
        let table = try await shell.output("watches")
        #expect(table.contains("persistent-recursive  /a\n"))
        #expect(table.contains("data                  /a\n"))
        let session = try #require(try await shell.json("session").first)
        #expect(session["session"]?.stringValue == Hex.number(shell.client.session.id))
        #expect(session["watches"] == 2)
        let again = try #require(try await shell.json("reconnect").first)
        #expect(again["session"] == session["session"], "the same session")
        #expect(try await shell.output("session").contains("state      connected\n"))
    }

    @Test(arguments: [
        ("!!", "get /b"), ("!-2 -s", "ls /a -s"), ("!0", "ls /a"), ("!l", "ls /a"), ("set !$ x", "set /b x"),
        ("set /a '!!'", "set /a '!!'"), ("! date", "! date"), ("echo a!!", "echo a!!"),
    ])
    func historyExpands(line: String, expected: String) throws {
        let expansion = HistoryExpansion(entries: ["ls /a", "get /b"])
        #expect(String(decoding: try expansion.expanding(Array(line.utf8)), as: UTF8.self) == expected)
        #expect(throws: UsageError.self) { try expansion.expanding(Array("!nope".utf8)) }
    }
}
