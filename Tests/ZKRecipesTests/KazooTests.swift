import Foundation
import Glibc
import Support
import Testing
import ZKClient
import ZKCore
import ZKRecipes

/// What works with which recipe of kazoo, with its defaults: each line of the table in `OtherLibraries.md`.
@Suite(.serialized, .timeLimit(.minutes(4))) struct KazooTests {
    /// A process that holds one of kazoo's recipes until ``end()``.
    private final class Holder: Sendable {
        private let files: TemporaryDirectory
        private let child: ChildProcess
        private let writing: Int32

        init(_ recipe: String, _ path: ZnodePath) async throws {
            files = try TemporaryDirectory()
            mkfifo(files.path("in"), 0o600)
            writing = open(files.path("in"), O_RDWR | O_CLOEXEC)
            let script = Fixtures.repository.appending(path: "Tests/kazoo/holder.py").path
            child = try ChildProcess(
                Kazoo.python,
                ["-B", script, try await ApacheServer.shared().connectString, recipe, path.string],
                input: files.path("in"), output: files.path("out"))
        }

        var says: [String] {
            ((try? String(contentsOf: files.url("out"), encoding: .utf8)) ?? "").split(separator: "\n").map(String.init)
        }

        func says(_ line: String) async throws {
            try await eventually(within: .seconds(60), "kazoo says \(line): \(says)") { says.contains(line) }
        }

        func end() async {
            write(writing, "\n", 1)
            _ = await child.waitForExit()
            close(writing)
        }
    }

    private struct Row: Sendable, CustomTestStringConvertible {
        var kazoo: String
        var zoosh: String
        var acquire: @Sendable (ZooKeeperClient, ZnodePath, Duration?) async throws -> Held
        var testDescription: String { "\(zoosh) beside kazoo's \(kazoo)" }
    }

    private static let lock = Row(kazoo: "Lock", zoosh: "lock") {
        try await DistributedLock($0, path: $1).acquire(timeout: $2)
    }
    private static let kazooLock = Row(kazoo: "Lock", zoosh: "lock --layout kazoo") {
        try await DistributedLock($0, path: $1, layout: .kazoo).acquire(timeout: $2)
    }
    private static let kazooReader = Row(kazoo: "WriteLock", zoosh: "lock --layout kazoo --shared") {
        try await DistributedLock($0, path: $1, kind: .read, layout: .kazoo).acquire(timeout: $2)
    }
    private static let election = Row(kazoo: "Election", zoosh: "elect") {
        try await LeaderElection($0, path: $1, name: [1]).campaign(timeout: $2)
    }
    private static let kazooElection = Row(kazoo: "Election", zoosh: "elect --layout kazoo") {
        try await LeaderElection($0, path: $1, name: [1], layout: .kazoo).campaign(timeout: $2)
    }

    private static func with(_ row: Row, _ kazoo: String) -> Row {
        Row(kazoo: kazoo, zoosh: row.zoosh, acquire: row.acquire)
    }

    private static let excluding = [
        kazooLock, with(kazooLock, "WriteLock"), with(kazooLock, "ReadLock"), kazooReader, kazooElection,
    ]
    private static let oneSided = [lock, with(lock, "WriteLock"), with(lock, "ReadLock"), election]

    @Test(arguments: excluding) private func eachWaitsForTheOther(_ row: Row) async throws {
        let client = try await RecipeHarness.session()
        let path = try await client.create("/kazoo-", mode: .persistentSequential)
        let held = try await row.acquire(client, path, .seconds(20))
        let kazoo = try await Holder(row.kazoo, path)
        try await eventually(within: .seconds(60), "kazoo queues") { try await client.getChildren(path).count == 2 }
        await #expect(throws: RecipeError.timedOut(path: path)) {
            try await row.acquire(client, path, .milliseconds(300))
        }
        #expect(kazoo.says.isEmpty)
        try await held.release()
        try await kazoo.says("held")
        await #expect(throws: RecipeError.timedOut(path: path)) { try await row.acquire(client, path, .zero) }
        let next = Task { try await row.acquire(client, path, .seconds(60)) }
        try await eventually("it queues") { try await client.getChildren(path).count == 2 }
        await kazoo.end()
        try await next.value.release()
        await client.close()
    }

    /// kazoo's defaults do not count Curator's names: zoosh waits, kazoo does not, and zoosh refuses to be the second holder.
    @Test(arguments: oneSided) private func onlyOneOfThemWaits(_ row: Row) async throws {
        let client = try await RecipeHarness.session()
        let path = try await client.create("/kazoo-", mode: .persistentSequential)
        let first = try await Holder(row.kazoo, path)
        try await first.says("held")
        await #expect(throws: RecipeError.timedOut(path: path)) { try await row.acquire(client, path, .zero) }
        let waiting = Task { try await row.acquire(client, path, .seconds(60)) }
        try await eventually("it queues") { try await client.getChildren(path).count == 2 }
        let second = try await Holder(row.kazoo, path)
        try await eventually(within: .seconds(60), "kazoo queues") { try await client.getChildren(path).count == 3 }
        await first.end()
        try await second.says("held")
        do {
            try await waiting.value.release()
            Issue.record("both hold")
        } catch let error as RecipeError {
            guard case .notExclusive(_, .curator) = error else { throw error }
        }
        await second.end()
        // And who is first is not waited for.
        let held = try await row.acquire(client, path, .seconds(20))
        let third = try await Holder(row.kazoo, path)
        try await third.says("held")
        await third.end()
        try await held.release()
        await client.close()
    }

    @Test func kazoosLockDoesNotCountReaders() async throws {
        let client = try await RecipeHarness.session()
        let path = try await client.create("/kazoo-", mode: .persistentSequential)
        let held = try await Self.kazooReader.acquire(client, path, .seconds(20))
        let kazoo = try await Holder("Lock", path)
        try await kazoo.says("held")
        await kazoo.end()
        try await held.release()
        await client.close()
    }

    @Test func leasesAreCountedTogetherInKazoosLayout() async throws {
        let client = try await RecipeHarness.session()
        let path = try await client.create("/kazoo-", mode: .persistentSequential).appending("s")
        let semaphore = DistributedSemaphore(client, path: path, leasesMax: 2, layout: .kazoo)
        let first = try await semaphore.acquire(timeout: .seconds(20), data: [1])
        let kazoo = try await Holder("Semaphore", path)
        try await kazoo.says("held")
        await #expect(throws: RecipeError.timedOut(path: path)) { try await semaphore.acquire(timeout: .zero) }
        // Those of Curator's layout would not be counted.
        await #expect(throws: RecipeError.self) {
            try await DistributedSemaphore(client, path: path, leasesMax: 2).acquire(timeout: .seconds(20))
        }
        await #expect(throws: RecipeError.leasesDiffer(path: path, leasesMax: 2)) {
            try await DistributedSemaphore(client, path: path, leasesMax: 3, layout: .kazoo).acquire()
        }
        let second = try await Holder("Semaphore", path)
        let next = Task { try await semaphore.acquire(timeout: .seconds(60)) }
        await kazoo.end()
        try await first.release()
        try await second.says("held")
        try await next.value.release()
        await second.end()
        await client.close()
    }

    @Test func barriersAreOne() async throws {
        let client = try await RecipeHarness.session()
        let path = try await client.create("/kazoo-", mode: .persistentSequential)
        let kazoo = try await Holder("DoubleBarrier", path)
        let barrier = DoubleBarrier(client, path: path, membersMin: 2)
        try await barrier.enter(timeout: .seconds(60))
        try await kazoo.says("held")
        try await barrier.leave(timeout: .seconds(60))
        try await kazoo.says("left")
        await kazoo.end()
        await client.close()
    }

    /// kazoo takes any child for an element, and has another name for its own.
    @Test func kazooTakesOurElementsAndWeNotTheirs() async throws {
        let client = try await RecipeHarness.session()
        let path = try await client.create("/kazoo-", mode: .persistentSequential)
        let queue = DistributedQueue(client, path: path)
        try await queue.push(Array("ours".utf8))
        let kazoo = try await Holder("Queue", path)
        try await kazoo.says("ours")
        await kazoo.end()
        #expect(try await client.getChildren(path).count == 1)
        #expect(try await queue.popNow() == nil)
        await client.close()
    }

    /// A party counts the names of its own members alone; for zoosh each child is a member.
    @Test func aPartyDoesNotSeeOurMembers() async throws {
        let client = try await RecipeHarness.session()
        let path = try await client.create("/kazoo-", mode: .persistentSequential)
        let group = GroupMembership(client, path: path)
        try await group.join(id: "m")
        let kazoo = try await Holder("Party", path)
        try await kazoo.says("1")
        #expect(try await group.members().count == 2)
        await kazoo.end()
        await client.close()
    }
}
