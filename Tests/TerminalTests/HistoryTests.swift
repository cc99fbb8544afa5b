import Foundation
import Support
import Testing
import ZKCore

@Suite(.timeLimit(.minutes(2))) struct HistoryTests {
    private let scene: Scene

    init() async throws {
        scene = try await Scene("/app=hello")
    }

    private func quit(_ terminal: Terminal) async throws {
        try await terminal.write("quit")
        terminal.type("\r")
        #expect(try await terminal.exit() == .status(0))
    }

    @Test func theNextShellKnowsTheLinesButNoSecrets() async throws {
        let first = try await scene.terminal()
        try await first.run("get /app")
        try await first.run("addauth digest user:secret")
        try await first.run("digest user:secret")
        try await first.run(" ls /")
        try await first.run("pwd")
        try await first.run("pwd")
        try await quit(first)
        let stored = first.file(".local/state/zoosh/history")
        #expect(stored.split(separator: "\n").filter { !$0.hasPrefix("#") } == ["get /app", "pwd", "quit"])
        #expect(!stored.contains("secret"))

        let second = try await scene.terminal(home: first.home)
        second.type("\u{1b}[A\u{1b}[A\u{1b}[A")
        try await second.wait("third last line") { $0.currentLine == "/> get /app" }
        try await second.interrupt()
        try await second.run("history")
        try await second.endsIn("0 - get /app", "1 - pwd", "2 - quit", "3 - history", "/>")
    }

    @Test func aMultilineCommandIsOneEntry() async throws {
        let terminal = try await scene.terminal()
        try await terminal.run("set /app 'one", prompt: "…>")
        try await terminal.run("two'")
        try await quit(terminal)
        let again = try await scene.terminal(home: terminal.home)
        again.type("\u{1b}[A\u{1b}[A")
        try await again.wait("both lines") { $0.lines.suffix(2) == ["/> set /app 'one", "two'"] }
    }

    @Test func noHistoryLeavesNoFile() async throws {
        let terminal = try await scene.terminal("--no-history")
        try await terminal.run("pwd")
        try await quit(terminal)
        #expect(!FileManager.default.fileExists(atPath: terminal.home.path(".local/state/zoosh/history")))
    }

    @Test func forgettingReachesTheArrowKeysAndTheFile() async throws {
        let terminal = try await scene.terminal()
        try await terminal.run("get /app")
        try await terminal.run("history -c")
        terminal.type("\u{1b}[A\u{1b}[A")
        try await terminal.wait("nothing before it") { !$0.currentLine.contains("get") }
        try await terminal.interrupt()
        try await quit(terminal)
        #expect(!terminal.file(".local/state/zoosh/history").contains("get /app"))
    }
}
