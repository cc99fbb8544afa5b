import Foundation
import Glibc
import Support
import Testing
import ZKClient
import ZKCore

/// zoosh as a process that holds something: killed, interrupted, and beside a server that stands still.
@Suite(.timeLimit(.minutes(3))) struct HoldingProcessTests {
    private func lines(_ files: TemporaryDirectory, _ name: String) -> [String] {
        ((try? String(contentsOf: files.url(name), encoding: .utf8)) ?? "").split(separator: "\n").map(String.init)
    }

    private func start(
        _ arguments: [String], _ server: ZooshServer, _ files: TemporaryDirectory
    ) throws -> ChildProcess {
        try ChildProcess(
            BuiltProduct.zoosh, ["-s", server.connectString, "-t", "20s"] + arguments,
            environment: BuiltProduct.plainEnvironment, output: files.path("out"))
    }

    private static let commands = [
        ["lock", "/k"], ["elect", "/k"], ["semaphore", "/k", "1"], ["member", "/k", "m"], ["barrier", "/k", "1"],
    ]

    @Test(arguments: commands)
    func whatRunsEndsWithAZooshThatIsKilled(_ command: [String]) async throws {
        let server = try await sharedServer.value
        let files = try TemporaryDirectory()
        let path = "/killed-\(UUID().uuidString)"
        // Neither of the two heeds SIGTERM.
        let loop = "trap : TERM; echo $$ >> \(files.path("pids")); while :; do sleep 0.1; done"
        let script = "sh -c '\(loop)' & \(loop)"
        let zoosh = try start(
            command.map { $0 == "/k" ? path : $0 } + ["--grace", "0s", "--", "sh", "-c", script], server, files)
        try await eventually(within: .seconds(60), "both run") { lines(files, "pids").count == 2 }
        zoosh.signal(SIGKILL)
        _ = await zoosh.waitForExit()
        for pid in lines(files, "pids").compactMap({ pid_t($0) }) {
            try await eventually(within: .seconds(20), "\(pid) is gone") { !isRunning(pid) }
        }
    }

    /// A zombie that nobody has waited for yet does not run.
    private func isRunning(_ pid: pid_t) -> Bool {
        guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return false }
        return stat.split(separator: ")").last?.split(separator: " ").first != "Z"
    }

    /// Interrupted, a command does not wait for a server that stands still, and one that has ended keeps its status.
    @Test func aServerThatHangsHoldsNobodyUp() async throws {
        let server = try await ZooshServer.start()
        let files = try TemporaryDirectory()
        let holder = try start(["lock", "/l"], server, files)
        try await eventually(within: .seconds(60), "it holds") { !lines(files, "out").isEmpty }
        let waiting = try [["lock", "/l"], ["elect", "/e"], ["semaphore", "/s", "1"], ["barrier", "/b", "2"]].map {
            let output = try TemporaryDirectory()
            return (child: try start($0, server, output), output: output)
        }
        let observer = ZooKeeperClient(
            configuration: ClientConfiguration(connectString: try ConnectString(server.connectString)))
        for path in ["/e", "/s/leases", "/b"] as [ZnodePath] {
            try await eventually(within: .seconds(60), "one has entered \(path)") {
                try await observer.exists(path)?.numChildren == 1
            }
        }
        try await eventually(within: .seconds(60), "one waits") { try await observer.exists("/l")?.numChildren == 2 }
        let waitingForEnd = "while [ ! -e \(files.path("end")) ]; do sleep 0.05; done"
        let ending = try start(
            ["lock", "/m", "--", "sh", "-c", "echo x >> \(files.path("runs")); \(waitingForEnd); exit 7"], server, files
        )
        try await eventually(within: .seconds(60), "it runs") { !lines(files, "runs").isEmpty }
        kill(server.pid, SIGSTOP)
        defer { kill(server.pid, SIGCONT) }
        try Data().write(to: files.url("end"))
        #expect(await ending.waitForExit() == .status(7))
        for (child, output) in waiting + [(holder, files)] {
            child.signal(SIGINT)
            let start = ContinuousClock.now
            #expect(await child.waitForExit() == .status(130), "\(child.command)")
            // One second is what is promised; the machine may be busy.
            #expect(ContinuousClock.now - start < .seconds(3), "\(child.command)")
            #expect(lines(output, "out").last?.contains("its ephemeral znodes go when it ends by itself") == true)
        }
    }
}
