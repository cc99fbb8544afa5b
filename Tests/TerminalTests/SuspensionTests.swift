import Foundation
import Support
import Testing
import ZKClient
import ZKCore

@Suite(.timeLimit(.minutes(2))) struct SuspensionTests {
    private let scene: Scene

    init() async throws {
        scene = try await Scene("/app=hello")
    }

    /// zoosh as a job of a shell.
    private func job(_ options: String = "") async throws -> Terminal {
        let terminal = try Terminal(program: ["/bin/bash", "--norc", "--noprofile", "--noediting", "-i"])
        try await terminal.prompt("sh>")
        terminal.type("$ZOOSH -s \(scene.connectString) \(options) --prompt '%{(%s) %}%w> '\r")
        try await terminal.prompt()
        return terminal
    }

    @Test func theLineIsThereAgainAfterASuspension() async throws {
        let terminal = try await job()
        try await terminal.write("get /app")
        terminal.type("\u{1a}")
        try await terminal.contains("Stopped")
        try await terminal.prompt("sh>")
        #expect(!terminal.screen.isPasteBracketed)
        // The terminal is the shell's: what is typed is shown, and a line ends with a return.
        terminal.type("echo $((40+2))\r")
        try await terminal.contains("\n42\n")
        try await terminal.prompt("sh>")
        terminal.type("fg\r")
        try await terminal.wait("line as it was") { $0.currentLine == "/> get /app" }
        terminal.type("\r")
        try await terminal.endsIn("hello", "/>")
    }

    @Test func aSessionThatExpiredMeanwhileIsReplaced() async throws {
        let terminal = try await job("--timeout 1000")
        try await terminal.run("create -e /app/mine x")
        terminal.type("\u{1a}")
        try await terminal.contains("Stopped")
        try await eventually("end of the session") { try await scene.client.exists("/app/mine") == nil }
        terminal.type("fg\r")
        // The line may be longer than the screen is wide.
        try await terminal.wait("length of the suspension") {
            $0.text.filter { !$0.isWhitespace }.contains("whiletheshellwasstoppedfor")
        }
        try await terminal.contains(": /app/mine")
        try await terminal.contains("new session 0x")
        try await terminal.prompt()
        try await terminal.run("get /app")
        try await terminal.endsIn("hello", "/>")
    }

    @Test func aCommandIsSuspendedAndGoesOn() async throws {
        let terminal = try await job()
        try await terminal.write("wait /app/ready --exists")
        terminal.type("\r")
        try await terminal.wait("command that runs") { $0.column == 0 }
        terminal.type("\u{1a}")
        try await terminal.contains("Stopped")
        terminal.type("fg\r")
        // The shell names the job three times: as it was typed, stopped, and in the foreground again.
        try await terminal.wait("command in the foreground") { screen in
            screen.text.components(separatedBy: "ZOOSH").count == 4 && screen.column == 0
        }
        try await scene.create("/app/ready")
        try await terminal.prompt()
    }
}
