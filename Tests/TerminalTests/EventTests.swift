import Glibc
import Support
import Testing
import ZKClient
import ZKCore

/// Events stand above the line that is being edited and leave it as it was.
@Suite(.timeLimit(.minutes(2))) struct EventTests {
    private let scene: Scene

    init() async throws {
        scene = try await Scene()
    }

    /// A terminal with a watch, cleared.
    private func watching(columns: Int = 80) async throws -> Terminal {
        let terminal = try await scene.terminal(columns: columns)
        try await terminal.run("addWatch /")
        terminal.type("\u{c}")
        try await terminal.shows("/>")
        return terminal
    }

    private func isEvent(_ line: String?, _ path: String) -> Bool {
        line?.hasPrefix("event: NodeCreated \(path) (zxid 0x") == true
    }

    @Test func whileALineIsEdited() async throws {
        let terminal = try await watching()
        try await terminal.write("get /abc")
        terminal.type("\u{1b}[D\u{1b}[D")
        try await terminal.wait("cursor in the word") { $0.column == 9 }
        try await scene.create("/one")
        let screen = try await terminal.wait("event above the line") { $0.lines.count == 2 && $0.column == 9 }
        #expect(isEvent(screen.lines[0], "/one"))
        #expect(screen.lines[1] == "/> get /abc")
        terminal.type("X")
        try await terminal.wait("line that goes on") { $0.currentLine == "/> get /aXbc" }
    }

    @Test func whileALineIsWrappedOverTwoRows() async throws {
        let terminal = try await watching(columns: 40)
        terminal.type("create /0123456789 abcdefghijklmnopqrstuvwxyz0123")
        let rows = ["/> create /0123456789 abcdefghijklmnopqr", "stuvwxyz0123"]
        try await terminal.wait("wrapped line") { $0.lines == rows }
        terminal.type("\u{1b}[D")
        try await scene.create("/one")
        try await scene.create("/two")
        let screen = try await terminal.wait("events above the rows") {
            $0.lines.suffix(2) == rows[...] && $0.lines.count == 4
        }
        #expect(isEvent(screen.lines[0], "/one"))
        #expect(isEvent(screen.lines[1], "/two"))
        try await terminal.wait("cursor before the last character") { $0.row == 3 && $0.column == 11 }
    }

    @Test func whileTheHistoryIsSearched() async throws {
        let terminal = try await watching()
        try await terminal.run("pwd")
        terminal.type("\u{12}pw")
        try await terminal.wait("search") { $0.currentLine == "(reverse-i-search)`pw': pwd" }
        let rows = terminal.screen.lines.count
        try await scene.create("/one")
        let screen = try await terminal.wait("event above the search") { $0.lines.count == rows + 1 }
        #expect(screen.currentLine == "(reverse-i-search)`pw': pwd")
        #expect(isEvent(screen.lines.dropLast().last, "/one"))
        terminal.type("\r")
        try await terminal.prompt()
        #expect(terminal.screen.lines.dropLast().suffix(2) == ["/> pwd", "/"])
    }

    @Test func belowAListOfCompletions() async throws {
        try await scene.create("/aa")
        try await scene.create("/ab")
        let terminal = try await watching()
        try await terminal.write("get /a")
        try await terminal.complete("list") { $0.lines == ["/> get /a", "aa  ab", "/> get /a"] }
        try await scene.create("/one")
        let screen = try await terminal.wait("event above the line") { $0.lines.count == 4 }
        #expect(isEvent(screen.lines[2], "/one"))
        #expect(screen.lines[3] == "/> get /a")
        terminal.type("b\r")
        try await terminal.endsIn("/> get /ab", "null", "/>")
    }

    /// An editor or a pager has the whole screen.
    @Test func notWhileAProgramHasTheTerminal() async throws {
        let terminal = try await watching()
        try await terminal.write("! read -r line; echo got $line")
        terminal.type("\r")
        try await terminal.wait("program that reads") { $0.column == 0 && $0.row == 1 }
        try await scene.create("/one")
        try await eventually("event that has come") { try await scene.client.exists("/one") != nil }
        #expect(terminal.screen.lines.count == 1)
        terminal.type("it\r")
        try await terminal.wait("result, then event") { screen in
            let lines = screen.lines
            return lines.count == 5 && lines[1...2] == ["it", "got it"] && isEvent(lines[3], "/one") && lines[4] == "/>"
        }
    }

    @Test func manyAtOnceAreCutShort() async throws {
        let terminal = try await watching()
        terminal.signal(SIGSTOP)
        _ = try await scene.client.multi((0..<60).map { .create(try ZnodePath("/n\($0)")) })
        terminal.signal(SIGCONT)
        try await terminal.contains("more events")
        try await terminal.prompt()
    }
}
