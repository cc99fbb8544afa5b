import Foundation
import Support
import Testing
import ZKClient
import ZKCore

/// Names, data and lists of permissions are made by others: none of it may control the terminal.
@Suite(.timeLimit(.minutes(2))) struct UntrustedTextTests {
    /// ESC, C1 controls as UTF-8 and as bytes, BEL, invalid UTF-8, an override of the direction of text.
    private static let evil: [UInt8] =
        Array("\u{1b}]0;owned\u{7}\u{1b}[2J\u{1b}[5n\u{9b}2J\u{90}q\u{9c}\u{8}\u{d}\u{202e}\u{2066}\u{200e}\u{e}".utf8)
        + [0x9B, 0x32, 0x4A, 0xFF, 0xC0, 0x9B, 0xED, 0xA0, 0x80]

    private let scene: Scene

    init() async throws {
        scene = try await Scene("/app")
        try await scene.client.setData(ZnodePath("/app"), data: Self.evil)
        // What a znode may be called is decided by the server; these pass.
        try await scene.create("/app/\u{202e}fdp.exe=x")
        try await scene.create("/app/\u{2066}iso\u{2069}=x")
        try await scene.create("/app/plain=x")
    }

    private func isClean(_ screen: Screen) -> Bool {
        let hidden: Set<Character> = ["\u{202e}", "\u{2066}", "\u{2069}", "\u{200e}"]
        return screen.strays.isEmpty && screen.bellCount == 0 && !screen.text.contains { hidden.contains($0) }
    }

    @Test(
        arguments: [
            "get /app", "get -s /app", "ls /app", "ls -R /", "ls -l /app", "tree /", "find /", "grep -E . /app",
            "get -x /app", "export /app", "ls /app/\u{202e}none", "get '/app/\u{202e}none'",
            "diff /app /app/plain",
            "du /", "top-children /", "count /", "watch -n 1 --initial --data /app --timeout 200ms", "getAcl /app",
            "stat '/app/\u{202e}fdp.exe'",
        ], ["plain", "json"])
    func whatCommandsPrintIsHarmless(line: String, format: String) async throws {
        let terminal = try Terminal(
            server: scene.connectString, ["-o", format, "-c", line], rows: 60, columns: 200)
        _ = try await terminal.exit()
        #expect(isClean(terminal.screen), "\(terminal.screen.text) \(terminal.screen.strays)")
        #expect(!terminal.screen.lines.isEmpty)
    }

    @Test func whatAPagerShowsIsHarmless() async throws {
        let lines = Array(repeating: Self.evil, count: 40).joined(separator: [0x0A])
        try await scene.client.setData("/app/plain", data: Array(lines))
        let terminal = try await scene.terminal(environment: ["ZOOSH_PAGER": "cat"], rows: 10)
        try await terminal.run("get /app/plain")
        #expect(terminal.screen.lines.contains { $0.contains("\\x1b[2J") })
        #expect(isClean(terminal.screen), "\(terminal.screen.text) \(terminal.screen.strays)")
    }

    @Test func eventsPromptCompletionAndProgressAreHarmless() async throws {
        let terminal = try await scene.terminal()
        try await terminal.run("addWatch /")
        try await scene.create("/app/\u{202e}new")
        try await terminal.contains("event: NodeCreated /app/\\xe2\\x80\\xaenew")
        try await terminal.write("get /app/")
        try await terminal.complete("completion") { $0.currentLine == "/> get /app/plain" }
        try await terminal.interrupt()
        try await terminal.run(
            #"cd $'/app/\u202efdp.exe'"#, prompt: "/app/\\xe2\\x80\\xaefdp.exe>")
        #expect(isClean(terminal.screen), "\(terminal.screen.text) \(terminal.screen.strays)")
    }
}
