import Foundation
import Support
import Testing
import ZKClient
import ZKCore

@testable import ZKShell

@Suite(.timeLimit(.minutes(2))) struct EditTests {
    /// A shell whose editor is the script `editor`, with the file as `$1`.
    private func shell(editor: String, answers: [String] = []) async throws -> (ShellHarness, TemporaryDirectory) {
        let directory = try TemporaryDirectory()
        let script = directory.path("editor")
        try Data(editor.utf8).write(to: URL(filePath: script))
        return (try await ShellHarness(answers: answers, options: { $0.editor = "sh \(script)" }), directory)
    }

    @Test func writesWhatTheEditorLeft() async throws {
        let (shell, directory) = try await shell(editor: #"sed -i s/old/new/ "$1""#)
        defer { withExtendedLifetime(directory) {} }
        try await shell.create("/a=old text")
        #expect(await shell.run("edit /a").status == 0)
        let (data, stat) = try await shell.client.getData("/a")
        #expect(data == Array("new text".utf8), "no newline was added")
        #expect(stat.version == 1)
        #expect(await shell.run("edit /a").errors == ["/a: not changed"])
        #expect(await shell.run("edit -v 0 /a").status == 7)
        #expect(await shell.run("edit /nope").status == 4)
    }

    @Test func refusesWhatIsNotJSON() async throws {
        let (shell, directory) = try await shell(editor: #"echo '{"a":' > "$1""#)
        defer { withExtendedLifetime(directory) {} }
        try await shell.create("/a={}")
        let result = await shell.run("edit --validate json /a")
        #expect(result.status == 1)
        #expect(result.errors.last?.contains("nothing was written") == true)
        #expect(try await shell.client.getData("/a").stat.version == 0)
    }

    @Test func anEditorThatFailsChangesNothing() async throws {
        let (shell, directory) = try await shell(editor: "exit 3")
        defer { withExtendedLifetime(directory) {} }
        try await shell.create("/a=x")
        #expect(await shell.run("edit /a").errors.first?.contains("status 3") == true)
    }

    @Test func anEditorThatFailsLeavesTheTextOfTheUser() async throws {
        let (shell, directory) = try await shell(editor: #"echo mine > "$1"; exit 3"#)
        defer { withExtendedLifetime(directory) {} }
        try await shell.create("/a=x")
        let errors = await shell.run("edit /a").errors
        let place = try #require(errors.first { $0.hasPrefix("your text is in ") }?.dropFirst("your text is in ".count))
        #expect(try String(contentsOfFile: String(place), encoding: .utf8) == "mine\n")
        try FileManager.default.removeItem(atPath: String(place))
    }

    @Test(arguments: [
        (["VISUAL": "", "EDITOR": "ed"], "ed"), (["VISUAL": " ", "EDITOR": ""], "vi"), (["VISUAL": "a b"], "a b"),
        ([:], "vi"),
    ])
    func anEmptyEditorIsNone(environment: [String: String], editor: String) {
        #expect(UserEditor.command { environment[$0] } == editor)
    }

    /// The editor waits until the test has changed the znode.
    private func conflict(
        answers: [String], editor: String = #"sed -i s/one/mine/ "$1""#
    ) async throws -> (ShellHarness.Result, String) {
        let wait = try TemporaryDirectory()
        let waiting = """
            if [ ! -e \(wait.path("done")) ]; then touch \(wait.path("ready"))
            while [ ! -e \(wait.path("done")) ]; do sleep 0.02; done; fi

            """
        let (shell, directory) = try await shell(editor: waiting + editor, answers: answers)
        defer { withExtendedLifetime(directory) {} }
        try await shell.create("/a=one\ntwo\nthree\n")
        async let result = shell.run("edit /a")
        try await eventually("the editor") { FileManager.default.fileExists(atPath: wait.path("ready")) }
        try await shell.client.setData("/a", data: Array("one\ntwo\ntheirs\n".utf8))
        try Data().write(to: wait.url("done"))
        let data = await (result, ())
        return (data.0, String(decoding: try await shell.client.getData("/a").data ?? [], as: UTF8.self))
    }

    @Test func neverOverwritesUnasked() async throws {
        let (result, data) = try await conflict(answers: [])
        #expect(result.status == 7)
        #expect(result.errors.contains { $0.hasPrefix("your text is in ") })
        #expect(data == "one\ntwo\ntheirs\n")
    }

    @Test func overwritesWhenToldSo() async throws {
        let (result, data) = try await conflict(answers: ["d", "o"])
        #expect(result.status == 0)
        #expect(result.output.contains("-theirs\n"))
        #expect(data == "mine\ntwo\nthree\n")
    }

    @Test func mergesBoth() async throws {
        let (result, data) = try await conflict(answers: ["m"])
        #expect(result.status == 0)
        #expect(data == "mine\ntwo\ntheirs\n")
    }

    @Test func leavesTheirs() async throws {
        let (result, data) = try await conflict(answers: ["l"])
        #expect(result.status == 7)
        #expect(data == "one\ntwo\ntheirs\n")
    }
}
