import Foundation
import Glibc
import Support
import Synchronization
import Testing
import ZKClient
import ZKCore

/// How long it takes after the kill of the leader until a write goes through again, beside kazoo under the same kills.
@Suite(.serialized, .timeLimit(.minutes(8))) struct LeaderKillTests {
    /// When a write was sent and when it was acknowledged, in seconds since 1970.
    struct Write: Sendable {
        var sent: Double
        var acknowledged: Double
    }

    private final class Writes: Sendable {
        private let list = Mutex<[Write]>([])

        var all: [Write] { list.withLock { $0 } }
        func add(_ write: Write) { list.withLock { $0.append(write) } }
    }

    private static let killCount = 20

    private static var now: Double { Date().timeIntervalSince1970 }

    /// From the kill until the acknowledgement of the first write that was sent after it, in milliseconds.
    private static func recoveries(_ writes: [Write], after kills: [Double]) -> [Double] {
        kills.compactMap { kill in
            writes.first { $0.sent >= kill }.map { ($0.acknowledged - kill) * 1000 }
        }
    }

    private static func report(_ name: String, _ millis: [Double]) {
        let sorted = millis.sorted()
        print(
            "kill of the leader, \(name): \(sorted.count) kills, median \(Int(sorted[sorted.count / 2])) ms, "
                + "worst \(Int(sorted.last ?? 0)) ms")
    }

    @Test(.enabled(if: runsLongTests)) func writesGoOnAfterEachKill() async throws {
        let ensemble = try await ApacheEnsemble.start(size: 3)
        let servers = ensemble.connectString
        let client = try await session(servers, timeout: .seconds(10))
        let sessionID = client.session.id
        try await client.create("/ours")
        try await client.create("/member", mode: .ephemeral)
        let (writes, isOver) = (Writes(), Flag())
        let writing = Task {
            while !isOver.value {
                let sent = Self.now
                do {
                    try await client.setData("/ours", data: bytes("x"))
                } catch let error as ZooKeeperError where error.isOutcomeUnknown {
                    continue
                }
                writes.add(Write(sent: sent, acknowledged: Self.now))
                try await Task.sleep(for: .milliseconds(5))
            }
        }
        let files = try TemporaryDirectory()
        let pipe = files.path("pipe")
        mkfifo(pipe, 0o600)
        let input = open(pipe, O_RDWR | O_CLOEXEC)
        let script = Fixtures.repository.appending(path: "Tests/kazoo/recovery.py").path(percentEncoded: false)
        let kazoo = try ChildProcess(
            Kazoo.python, ["-B", script, servers, "/kazoo"], input: pipe, output: files.path("kazoo"))
        try await eventually(within: .seconds(60), "kazoo writes") {
            FileManager.default.contents(atPath: files.path("kazoo"))?.isEmpty == false
        }

        var kills: [Double] = []
        for _ in 0..<Self.killCount {
            let leader = try await ensemble.leader()
            kills.append(Self.now)
            await leader.kill()
            try await leader.restart()
            try await ensemble.waitUntilServing()
        }
        // The last one, too, must have been followed by a write of each.
        try await Task.sleep(for: .seconds(5))
        isOver.set()
        try await writing.value
        #expect(kazoo.isRunning)
        close(input)
        kazoo.kill()
        await kazoo.waitForExit()

        let lines = try String(contentsOf: files.url("kazoo"), encoding: .utf8).split(separator: "\n")
        let theirWrites = lines.compactMap { line -> Write? in
            let numbers = line.split(separator: " ").compactMap { Double($0) }
            return numbers.count == 2 ? Write(sent: numbers[0], acknowledged: numbers[1]) : nil
        }
        let ours = Self.recoveries(writes.all, after: kills)
        let theirs = Self.recoveries(theirWrites, after: kills)
        #expect(ours.count == kills.count && theirs.count == kills.count)
        Self.report("ZKClient", ours)
        Self.report("kazoo", theirs)
        #expect(client.session.id == sessionID, "the same session after all kills")
        #expect(try await client.exists("/member")?.ephemeralOwner == sessionID)
        #expect(try #require(ours.max()) < 20_000)
        await client.close()
        await ensemble.stop()
    }
}
