import Foundation
import Support
import Testing
import ZKClient
import ZKCore

/// Terminals that can do less, and shells whose input or output is none.
@Suite(.timeLimit(.minutes(2))) struct PlainTerminalTests {
    private let scene: Scene

    init() async throws {
        scene = try await Scene("/app=hello")
    }

    @Test func aDumbTerminalGetsNoSequences() async throws {
        let terminal = try await scene.terminal(
            "--prompt", "%{red%}%w>%{reset%} ", environment: ["TERM": "dumb"])
        try await terminal.run("get /app")
        try await terminal.run("get /none")
        terminal.type("ls /a\t\u{8}\u{8}\u{3}")
        try await terminal.prompt()
        let screen = terminal.screen
        #expect(screen.text.contains("hello\n/> get /none\nzoosh: get: /none: node does not exist"))
        #expect(!screen.isPasteBracketed && !screen.hasColor)
        #expect(screen.strays == [])
    }

    @Test func coloursAreShownUnlessTheyAreNotWanted() async throws {
        let prompt = "%{red%}%w>%{reset%} "
        let colored = try await scene.terminal("--prompt", prompt)
        #expect(colored.screen.hasColor)
        let plain = try await scene.terminal("--prompt", prompt, environment: ["NO_COLOR": "1"])
        try await plain.run("get /app")
        #expect(!plain.screen.hasColor)
    }

    /// A coloured prompt takes no room: the line breaks where the row ends.
    @Test func coloursInThePromptTakeNoRoom() async throws {
        let terminal = try await scene.terminal("--prompt", "%{red%}%w>%{reset%} ", rows: 10, columns: 20)
        terminal.type("create /0123456789")
        try await terminal.shows("/> create /012345678", "9")
        terminal.type("\u{1}\u{5}X")
        try await terminal.shows("/> create /012345678", "9X")
    }

    @Test func withoutATerminalOnStandardInputThereIsNoPrompt() async throws {
        let home = try TemporaryDirectory()
        try Data("get /app\nset /app \"a\tb\"\nget /app\n".utf8).write(to: home.url("script"))
        let terminal = try Terminal(server: scene.connectString, home: home, input: "script")
        #expect(try await terminal.exit() == .status(0))
        #expect(terminal.screen.lines == ["hello", "a\u{20}\u{20}\u{20}\u{20}\u{20}\u{20}\u{20}b"])
    }

    @Test func withoutATerminalOnStandardOutputThePromptStaysOutOfIt() async throws {
        let terminal = try Terminal(server: scene.connectString, output: "out")
        try await terminal.prompt()
        try await terminal.run("get /app")
        try await terminal.write("quit")
        terminal.type("\r")
        #expect(try await terminal.exit() == .status(0))
        #expect(terminal.file("out") == "hello\n")
        #expect(!terminal.screen.text.contains("hello"))
    }

    /// As in most containers.
    @Test func withoutALocaleLettersAreLetters() async throws {
        let terminal = try await scene.terminal(environment: ["LANG": ""])
        try await terminal.write("get /caf\u{e9}s")
        terminal.type("\u{8}\u{8}\u{8}")
        try await terminal.wait("line without three letters") { $0.currentLine == "/> get /ca" }
    }

    @Test func bytesReachAPipeAsTheyAre() async throws {
        try await scene.client.setData(ZnodePath("/app"), data: [0x1B, 0x5B, 0x32, 0x4A, 0xFF, 0x07])
        let terminal = try await scene.terminal()
        try await terminal.run("get /app > out.bin")
        try await terminal.run("get /app | od -An -tx1")
        try await terminal.contains("1b 5b 32 4a ff 07 0a")
        #expect(
            FileManager.default.contents(atPath: terminal.home.path("out.bin"))
                == Data([0x1B, 0x5B, 0x32, 0x4A, 0xFF, 0x07, 0x0A]))
    }
}
