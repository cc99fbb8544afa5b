import Foundation
import Glibc
import Support
import Testing
import ZKClient
import ZKCore
import ZKRecipes

/// How soon the members of a group know that one of them has crashed.
@Suite(.serialized, .timeLimit(.minutes(3))) struct CrashDetectionTests {
    private static let sessionTimeout = Duration.milliseconds(1500)
    /// What the test servers are configured with.
    private static let tick = Duration.milliseconds(500)
    /// A machine that is busy with other tests.
    private static let slack = Duration.seconds(2)

    enum Server: String, CaseIterable {
        case embedded
        case apache
    }

    private func start(_ number: Int, _ servers: String, _ home: ZnodePath, _ files: TemporaryDirectory) throws
        -> ChildProcess
    {
        let script =
            "echo $$ > \(files.path("part\(number)")); mv \(files.path("part\(number)")) "
            + "\(files.path("pid\(number)")); exec sleep 600"
        return try ChildProcess(
            BuiltProduct.zoosh,
            ["-s", servers, "-t", "1500", "member", home.string, "m\(number)", "--", "sh", "-c", script],
            environment: BuiltProduct.plainEnvironment, output: files.path("log"))
    }

    @Test(arguments: Server.allCases) func aKilledMemberIsSeenInTime(_ server: Server) async throws {
        let embedded = server == .embedded ? try await ZooshServer.start(["--memory", "--tick-time", "500"]) : nil
        let servers: String
        if let embedded {
            servers = embedded.connectString
        } else {
            servers = try await ApacheServer.shared().connectString
        }
        let watcher = try await session(servers)
        let home = try await watcher.create("/crash-", mode: .persistentSequential)
        let files = try TemporaryDirectory()
        let count = 12
        let processes = try (0..<count).map { try start($0, servers, home, files) }
        var children: [pid_t] = []
        for number in 0..<count {
            let path = files.path("pid\(number)")
            try await eventually(within: .seconds(60), "member \(number) is there") {
                FileManager.default.fileExists(atPath: path)
            }
            let text = try String(contentsOfFile: path, encoding: .utf8)
            children.append(try #require(pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines))))
        }
        var times: [Duration] = []
        try await withThrowingTaskGroup(of: Duration.self) { group in
            for (number, process) in processes.enumerated() {
                let (stat, watch) = try await watcher.existsAndWatch(home.appending("m\(number)"))
                #expect(stat != nil)
                // Not all at the same moment of the server's ticks.
                try await Task.sleep(for: .milliseconds(90))
                process.signal(SIGKILL)
                let start = ContinuousClock.now
                group.addTask {
                    let event = try await watch.event()
                    #expect(event.type == .nodeDeleted)
                    return ContinuousClock.now - start
                }
            }
            for try await time in group { times.append(time) }
        }
        // When zoosh is killed its command runs on: nobody is left to stop it.
        for child in children { kill(-child, SIGKILL) }
        let millis = times.map { Int($0 / .milliseconds(1)) }.sorted()
        print("crash detection, \(server.rawValue), session timeout 1500 ms, tick 500 ms: \(millis) ms")
        #expect(try #require(times.max()) <= Self.sessionTimeout + Self.tick + Self.slack)
        #expect(try #require(times.min()) >= Self.sessionTimeout / 2, "an ephemeral znode must not go too early")
        #expect(try await watcher.getChildren(home).isEmpty)
        try await watcher.delete(home)
        await watcher.close()
        await embedded?.stop()
    }

    /// When only the command crashes, zoosh is there to leave at once.
    @Test func aKilledCommandLeavesAtOnce() async throws {
        let servers = try await ApacheServer.shared().connectString
        let watcher = try await session(servers)
        let home = try await watcher.create("/crash-", mode: .persistentSequential)
        let files = try TemporaryDirectory()
        let process = try start(0, servers, home, files)
        try await eventually("it is there") { FileManager.default.fileExists(atPath: files.path("pid0")) }
        let text = try String(contentsOfFile: files.path("pid0"), encoding: .utf8)
        let child = try #require(pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)))
        let (_, watch) = try await watcher.existsAndWatch(home.appending("m0"))
        kill(child, SIGKILL)
        #expect(try await watch.event().type == .nodeDeleted)
        #expect(await process.waitForExit() == .status(137))
        try await watcher.delete(home)
        await watcher.close()
    }
}
