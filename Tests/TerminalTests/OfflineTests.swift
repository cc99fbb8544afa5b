import Foundation
import Support
import Testing

@Suite(.timeLimit(.minutes(2))) struct OfflineTests {
    @Test func thePromptAndTabWorkOnFiles() async throws {
        let path = Fixtures.url("datadirs/all-txns").path(percentEncoded: false)
        let terminal = try Terminal(["--offline", path, "--prompt", "[%h @%p] %w> "])
        try await terminal.wait("prompt") { $0.currentLine == "[all-txns @now] />" }
        try await terminal.write("get /ep")
        try await terminal.complete("a znode of the files") { $0.currentLine == "[all-txns @now] /> get /eph/" }
        terminal.type("\u{15}set /a 1\r")
        try await terminal.wait("refusal") { screen in screen.lines.contains { $0.contains("never changes it") } }
        terminal.type("quit\r")
    }
}
