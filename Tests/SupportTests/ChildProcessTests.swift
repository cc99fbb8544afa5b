import Foundation
import Glibc
import Support
import Testing

@Suite(.timeLimit(.minutes(2))) struct ChildProcessTests {
    @Test func givesOutputErrorsAndStatus() async throws {
        let result = try await ChildProcess.run(
            "/bin/sh", ["-c", "cat; echo oops >&2; exit 7"], input: Array("hello\n".utf8))
        #expect(result.status == 7)
        #expect(result.outputText == "hello\n")
        #expect(result.errorText == "oops\n")
    }

    @Test func inheritsNoDescriptor() async throws {
        let extra = open("/dev/null", O_RDONLY)
        defer { close(extra) }
        let result = try await ChildProcess.run("/bin/ls", ["/proc/self/fd"])
        // 3 is the descriptor of the directory that ls itself reads.
        #expect(result.outputText == "0\n1\n2\n3\n")
    }

    @Test func killReachesGrandchildren() async throws {
        let files = try TemporaryDirectory()
        let child = try ChildProcess("/bin/sh", ["-c", "sleep 600 & echo $!; wait"], output: files.path("out"))
        try await eventually("the grandchild's pid") { try Data(contentsOf: files.url("out")).last == 10 }
        let text = try String(contentsOf: files.url("out"), encoding: .utf8)
        let grandchild = try #require(pid_t(text.dropLast()))
        child.kill()
        #expect(await child.waitForExit() == .signal(SIGKILL))
        try await eventually("the end of the grandchild") { !isAlive(grandchild) }
    }

    @Test func aTimeLimitKillsTheCommand() async throws {
        await #expect(throws: TimeLimitExceeded.self) {
            try await ChildProcess.run("/bin/sleep", ["600"], limit: .milliseconds(50))
        }
    }

    /// Dead, or dead and not yet reaped by whoever adopted it.
    private func isAlive(_ pid: pid_t) -> Bool {
        guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return false }
        return !stat.contains(") Z ")
    }
}
