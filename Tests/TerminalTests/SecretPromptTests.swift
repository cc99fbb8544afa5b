import Foundation
import Support
import Testing
import ZKClient
import ZKCore

/// Secrets that are typed, and commands that have the terminal while a lock is held.
@Suite(.timeLimit(.minutes(2))) struct SecretPromptTests {
    @Test func anIdentityIsAskedForWithoutEcho() async throws {
        let scene = try await Scene()
        let terminal = try Terminal(server: scene.connectString, ["--auth-file", "-"])
        try await terminal.contains("SCHEME:CREDENTIALS:")
        terminal.type("digest:bob:pl4nted\r")
        try await terminal.prompt()
        try await terminal.run("whoami")
        try await terminal.contains("digest: bob")
        #expect(!terminal.screen.text.contains("pl4nted"))
        try await terminal.write("quit")
        terminal.type("\r")
        #expect(try await terminal.exit() == .status(0))
        #expect(!terminal.file(".local/state/zoosh/history").contains("pl4nted"))
    }

    @Test func theCommandUnderALockHasTheTerminal() async throws {
        let scene = try await Scene()
        let terminal = try await scene.terminal(columns: 120)
        try await terminal.write("lock /l -- head -n 1")
        terminal.type("\r")
        try await eventually("the lock is held") { (try? await scene.client.getChildren("/l").count) == 1 }
        terminal.type("typed\r")
        try await terminal.endsIn("typed", "typed", "/>")
        try await terminal.write("lock /l -- sh -c 'trap \"echo caught; exit 9\" INT; echo ready; sleep 20 & wait'")
        terminal.type("\r")
        try await terminal.wait("the command") { $0.lines.contains("ready") }
        terminal.type("\u{3}")
        try await terminal.wait("its own end") { $0.text.contains("caught") && $0.currentLine == "/>" }
        #expect(try await scene.client.getChildren("/l").isEmpty)
        // The line editor works as before.
        try await terminal.run("pwd")
        try await terminal.endsIn("/> pwd", "/", "/>")
    }

    @Test func ctrlCWithoutACommandReleasesTheLock() async throws {
        let scene = try await Scene()
        let terminal = try await scene.terminal()
        try await terminal.write("lock /l")
        terminal.type("\r")
        try await terminal.contains("locked /l/_c_")
        terminal.type("\u{3}")
        try await terminal.wait("prompt") { $0.currentLine == "/>" }
        #expect(try await scene.client.getChildren("/l").isEmpty)
    }
}
