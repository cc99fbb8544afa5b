import Foundation
import Glibc
import Support
import Testing
import ZKClient
import ZKCore
import ZKRecipes

/// What works with which recipe of Curator, with its defaults: each line of the table in `OtherLibraries.md`.
@Suite(.serialized, .timeLimit(.minutes(4))) struct CuratorTests {
    /// One process for all that Curator holds.
    private final class Holder: Sendable {
        private let files: TemporaryDirectory
        private let child: ChildProcess
        private let writing: Int32

        static let shared = Task { try await Holder() }

        init() async throws {
            files = try TemporaryDirectory()
            mkfifo(files.path("in"), 0o600)
            writing = open(files.path("in"), O_RDWR | O_CLOEXEC)
            let program = Fixtures.repository.appending(path: "Tests/curator/Holder.java").path
            child = try ChildProcess(
                "/usr/bin/java",
                [
                    "-cp", try ApacheInstallation.curatorClassPath(), program,
                    try await ApacheServer.shared().connectString,
                ], input: files.path("in"), output: files.path("out"), errors: files.path("errors"))
            try await says("ready")
        }

        deinit {
            child.kill()
            close(writing)
        }

        func say(_ line: String) {
            _ = (line + "\n").withCString { write(writing, $0, strlen($0)) }
        }

        var lines: [String] {
            ((try? String(contentsOf: files.url("out"), encoding: .utf8)) ?? "").split(separator: "\n").map(String.init)
        }

        func says(_ line: String) async throws {
            try await eventually(within: .seconds(60), "Curator says \(line): \(lines)") { lines.contains(line) }
        }
    }

    private struct Row: Sendable, CustomTestStringConvertible {
        var curator: String
        var zoosh: String
        /// Where the contenders are.
        var queue = ""
        var acquire: @Sendable (ZooKeeperClient, ZnodePath, Duration?) async throws -> Held
        var testDescription: String { "\(zoosh) beside Curator's \(curator)" }
    }

    private static func lock(_ curator: String, _ zoosh: String, _ kind: DistributedLock.Kind) -> Row {
        Row(curator: curator, zoosh: zoosh) {
            try await DistributedLock($0, path: $1, kind: kind).acquire(timeout: $2)
        }
    }

    private static let rows = [
        lock("InterProcessMutex", "lock", .exclusive), lock("LeaderSelector", "lock", .exclusive),
        lock("InterProcessReadWriteLock.writeLock", "lock --write", .write),
        lock("InterProcessReadWriteLock.readLock", "lock --write", .write),
        lock("InterProcessReadWriteLock.writeLock", "lock --shared", .read),
        Row(curator: "LeaderLatch", zoosh: "elect") {
            try await LeaderElection($0, path: $1, name: [1]).campaign(timeout: $2)
        },
        Row(curator: "InterProcessSemaphoreV2", zoosh: "semaphore", queue: "/locks") {
            try await DistributedSemaphore($0, path: $1, leasesMax: 1).acquire(timeout: $2)
        },
    ]

    @Test(arguments: rows) private func eachWaitsForTheOther(_ row: Row) async throws {
        let curator = try await Holder.shared.value
        let client = try await RecipeHarness.session()
        let path = try await client.create("/curator-", mode: .persistentSequential)
        let held = try await row.acquire(client, path, .seconds(20))
        curator.say("\(row.curator) \(path)")
        let queue = try ZnodePath(path.string + row.queue)
        let count = row.queue.isEmpty ? 2 : 1
        try await eventually(within: .seconds(60), "Curator queues") {
            try await client.getChildren(queue).count == count
        }
        try await Task.sleep(for: .milliseconds(200))
        #expect(!curator.lines.contains("held \(path)"))
        try await held.release()
        try await curator.says("held \(path)")
        await #expect(throws: RecipeError.timedOut(path: path)) { try await row.acquire(client, path, .zero) }
        let next = Task { try await row.acquire(client, path, .seconds(60)) }
        try await eventually("it queues") { try await client.getChildren(queue).count == count }
        curator.say("end \(path)")
        try await next.value.release()
        try await curator.says("ended \(path)")
        await client.close()
    }

    @Test func readersShare() async throws {
        let curator = try await Holder.shared.value
        let client = try await RecipeHarness.session()
        let path = try await client.create("/curator-", mode: .persistentSequential)
        let held = try await DistributedLock(client, path: path, kind: .read).acquire(timeout: .seconds(20))
        curator.say("InterProcessReadWriteLock.readLock \(path)")
        try await curator.says("held \(path)")
        let second = try await DistributedLock(client, path: path, kind: .read).acquire(timeout: .zero)
        try await second.release()
        try await held.release()
        curator.say("end \(path)")
        try await curator.says("ended \(path)")
        await client.close()
    }

    /// Curator sorts names that it does not know behind its own: both would hold.
    @Test func kazoosLayoutIsRefusedBesideCurator() async throws {
        let curator = try await Holder.shared.value
        let client = try await RecipeHarness.session()
        let path = try await client.create("/curator-", mode: .persistentSequential)
        curator.say("InterProcessMutex \(path)")
        try await curator.says("held \(path)")
        let lock = DistributedLock(client, path: path, layout: .kazoo)
        await #expect(throws: RecipeError.timedOut(path: path)) { try await lock.acquire(timeout: .zero) }
        let waiting = Task { try await lock.acquire(timeout: .seconds(60)) }
        try await eventually("it queues") { try await client.getChildren(path).count == 2 }
        let later = DistributedLock(client, path: path)
        let last = Task { try await later.acquire(timeout: .seconds(60)) }
        try await eventually("another of Curator's layout queues") { try await client.getChildren(path).count == 3 }
        curator.say("end \(path)")
        await #expect(throws: RecipeError.self) { try await waiting.value }
        try await last.value.release()
        await client.close()
    }

    @Test func membersBarriersAndQueuesAreShared() async throws {
        let curator = try await Holder.shared.value
        let client = try await RecipeHarness.session()
        let home = try await client.create("/curator-", mode: .persistentSequential)

        let group = GroupMembership(client, path: home.appending("group"))
        let place = try await group.join(id: "zoosh")
        curator.say("GroupMember \(group.path)")
        try await curator.says("held \(group.path)")
        #expect(try await group.members().map(\.id) == ["curator", "zoosh"])
        try await group.leave(place)
        curator.say("end \(group.path)")

        let barrier = DoubleBarrier(client, path: home.appending("barrier"), membersMin: 2)
        curator.say("DistributedDoubleBarrier \(barrier.path)")
        try await barrier.enter(timeout: .seconds(60))
        try await curator.says("held \(barrier.path)")
        try await barrier.leave(timeout: .seconds(60))
        try await curator.says("ended \(barrier.path)")

        let queue = DistributedQueue(client, path: home.appending("queue"))
        try await queue.push(Array("zoosh-\(home.name)".utf8))
        curator.say("SimpleDistributedQueue \(queue.path)")
        try await curator.says("took zoosh-\(home.name)")
        #expect(try await queue.pop(timeout: .seconds(60)) == Array("curator".utf8))
        curator.say("end \(queue.path)")
        await client.close()
    }
}
