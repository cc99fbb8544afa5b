import Support
import Testing
import ZKClient
import ZKCore
import ZKRecipes

@Suite(.timeLimit(.minutes(2)))
struct DistributedLockTests {
    @Test func oneHolderAtATimeWithGrowingTokens() async throws {
        try await RecipeHarness.run { harness in
            let inside = Shared(0)
            let tokens = Shared<[Zxid]>([])
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        let client = try await RecipeHarness.session()
                        try await DistributedLock(client, path: harness.home.appending("lock")).withLock { held in
                            #expect(
                                inside.change { $0 += 1 } == 1)
                            tokens.change { $0.append(held.fencingToken) }
                            try await client.sync(harness.home)
                            inside.change { $0 -= 1 }
                        }
                        await client.close()
                    }
                }
                try await group.waitForAll()
            }
            let seen = tokens.value
            #expect(seen.count == 8)
            #expect(seen == seen.sorted(), "the token never decreases from holder to holder")
        }
    }

    @Test func theLayoutIsCurators() async throws {
        try await RecipeHarness.run { harness in
            let client = try await RecipeHarness.session()
            let held = try await DistributedLock(client, path: harness.home, data: Array("me".utf8)).acquire()
            let name = held.path.name
            #expect(
                name.wholeMatch(of: /_c_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}-lock-[0-9]{10}/) != nil, "\(name)")
            let (data, stat) = try await client.getData(held.path)
            #expect(data == Array("me".utf8))
            #expect(stat.czxid == held.fencingToken)
            #expect(stat.ephemeralOwner == client.session.id)
            try await held.release()
            #expect(try await client.getChildren(harness.home).isEmpty)
            await client.close()
        }
    }

    @Test func readersShareAndWritersWait() async throws {
        try await RecipeHarness.run { harness in
            let client = try await RecipeHarness.session()
            let reader = DistributedLock(client, path: harness.home, kind: .read)
            let first = try await reader.acquire(timeout: .seconds(5))
            let second = try await reader.acquire(timeout: .seconds(5))
            let writer = DistributedLock(client, path: harness.home, kind: .write)
            await #expect(throws: RecipeError.timedOut(path: harness.home)) {
                try await writer.acquire(timeout: .milliseconds(200))
            }
            try await first.release()
            try await second.release()
            let held = try await writer.acquire(timeout: .seconds(5))
            await #expect(throws: RecipeError.timedOut(path: harness.home)) {
                try await reader.acquire(timeout: .milliseconds(200))
            }
            try await held.release()
            #expect(try await client.getChildren(harness.home).isEmpty, "who gives up leaves the queue")
            await client.close()
        }
    }

    @Test func cancellingAWaiterLeavesTheQueue() async throws {
        try await RecipeHarness.run { harness in
            let client = try await RecipeHarness.session()
            let lock = DistributedLock(client, path: harness.home)
            let held = try await lock.acquire()
            let (children, _, watch) = try await client.getChildrenAndWatch(harness.home)
            #expect(children.count == 1)
            let waiter = Task { try await lock.acquire() }
            _ = try await watch.event()
            waiter.cancel()
            await #expect(throws: CancellationError.self) { try await waiter.value }
            #expect(try await client.getChildren(harness.home) == [held.path.name])
            try await held.release()
            await client.close()
        }
    }

    @Test func bodyIsCancelledWhenTheLockIsLost() async throws {
        try await RecipeHarness.run { harness in
            let client = try await RecipeHarness.session()
            let other = try await RecipeHarness.session()
            await #expect(throws: RecipeError.self) {
                try await DistributedLock(client, path: harness.home).withLock { held in
                    try await other.delete(held.path)
                    try await Task.sleep(for: .seconds(60))
                }
            }
            await client.close()
            await other.close()
        }
    }

    @Test func theSessionsEndPassesTheLockOn() async throws {
        try await RecipeHarness.run { harness in
            let first = try await RecipeHarness.session()
            let second = try await RecipeHarness.session()
            let held = try await DistributedLock(first, path: harness.home).acquire()
            async let next = DistributedLock(second, path: harness.home).acquire(timeout: .seconds(10))
            await first.close()
            try await held.untilLost()
            #expect(try await next.fencingToken > held.fencingToken)
            await second.close()
        }
    }

    @Test func missingParentsAreCreated() async throws {
        try await RecipeHarness.run { harness in
            let client = try await RecipeHarness.session()
            let deep = harness.home.appending("a").appending("b").appending("c")
            let held = try await DistributedLock(client, path: deep).acquire()
            #expect(held.path.parent == deep)
            try await held.release()
            await client.close()
        }
    }
}
