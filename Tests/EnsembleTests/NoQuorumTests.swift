import Foundation
import Glibc
import Support
import Testing

/// A shell whose ensemble loses its quorum, fed line by line.
@Suite(.serialized, .timeLimit(.minutes(4))) struct NoQuorumTests {
    /// A shell that reads a pipe.
    private final class PipedShell: Sendable {
        private let files: TemporaryDirectory
        private let writing: Int32
        let process: ChildProcess

        init(_ servers: String, sessionTimeout: String) throws {
            files = try TemporaryDirectory()
            let pipe = files.path("pipe")
            mkfifo(pipe, 0o600)
            writing = open(pipe, O_RDWR | O_CLOEXEC)
            process = try ChildProcess(
                BuiltProduct.zoosh,
                ["-s", servers, "-t", sessionTimeout, "--connect-timeout", "60s", "--op-timeout", "60s", "-f", "-"],
                environment: BuiltProduct.plainEnvironment, input: pipe, output: files.path("out"),
                errors: files.path("errors"))
        }

        deinit { close(writing) }

        func type(_ line: String) {
            let bytes = Array((line + "\n").utf8)
            _ = write(writing, bytes, bytes.count)
        }

        func text(_ name: String) -> String {
            FileManager.default.contents(atPath: files.path(name)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        }

        func says(_ text: String, in name: String = "out") async throws {
            do {
                try await eventually(within: .seconds(60), "\(name): \(text)") { self.text(name).contains(text) }
            } catch {
                Issue.record("stdout: \(self.text("out"))\nstderr: \(self.text("errors"))")
                throw error
            }
        }
    }

    @Test func theShellWaitsAndGoesOn() async throws {
        let ensemble = try await ApacheEnsemble.start(size: 3)
        let shell = try PipedShell(ensemble.connectString, sessionTimeout: "30s")
        shell.type("create /before kept")
        shell.type("create -e /mine")
        try await shell.says("Created /mine")
        let leader = try await ensemble.leader()
        let follower = try await ensemble.follower()
        await leader.kill()
        await follower.kill()
        // It says who answered, and what.
        shell.type("get /before")
        try await shell.says("no server serves", in: "errors")
        for member in ensemble.members { try await shell.says("\(member.connectString): ", in: "errors") }
        try await shell.says("connection refused", in: "errors")
        #expect(!shell.text("out").contains("kept"))

        try await leader.restart()
        try await shell.says("kept")
        try await shell.says("again, same session", in: "errors")
        shell.type("exists /mine")
        try await shell.says("true")
        shell.process.kill()
        await ensemble.stop()
    }

    @Test func whatALostSessionHadIsTold() async throws {
        let ensemble = try await ApacheEnsemble.start(size: 3)
        let shell = try PipedShell(ensemble.connectString, sessionTimeout: "2s")
        shell.type("create -e /mine")
        try await shell.says("Created /mine")
        shell.type("exists -w /mine")
        try await shell.says("true")
        // The last one accepts connections and closes them: that keeps no session alive.
        for member in ensemble.members.dropLast() { await member.kill() }
        try await shell.says("session given up after", in: "errors")
        try await shell.says("ephemeral znodes that live until the ensemble ends the session: /mine", in: "errors")
        try await shell.says("watches lost: /mine", in: "errors")
        for member in ensemble.members.dropLast() { try member.launch() }
        try await ensemble.waitUntilServing()
        shell.type("create /after")
        try await shell.says("Created /after")
        try await shell.says("new session 0x", in: "errors")
        try await eventually(within: .seconds(60), "the ephemeral znode is gone") {
            try await zoosh(ensemble.connectString, "ls", "/").outputText == "[after, zookeeper]\n"
        }
        shell.process.kill()
        await ensemble.stop()
    }
}
