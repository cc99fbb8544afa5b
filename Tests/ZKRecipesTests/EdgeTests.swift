import Foundation
import Glibc
import Support
import Testing
import ZKClient
import ZKCore

@testable import ZKRecipes

/// Recipes beside what was left behind, what is not theirs, and servers that refuse.
@Suite(.timeLimit(.minutes(3))) struct EdgeTests {
    // MARK: The sequence number

    @Test func theNumberIsReadWithItsSign() {
        #expect(Contender(name: "_c_x-lock-0000000007")?.sequence == 7)
        #expect(Contender(name: "lock--000000005")?.sequence == -5)
        #expect(Contender(name: "lock--2147483648")?.sequence == .min)
        #expect(Contender(name: "lock--2000000000")?.sequence == -2_000_000_000)
        #expect(Contender(name: "x__lock__-2000000000")?.sequence == -2_000_000_000)
        #expect(Contender(name: "lock-2147483647")?.sequence == .max)
        for name in ["lock-", "", "..", "a/0000000001", "+000000001", "lock-+000000001", "x 00000000a1"] {
            #expect(Contender(name: name) == nil, "\(name)")
        }
    }

    @Test func theQueueGoesOnBeyondTheLastNumber() {
        let names = ["lock-2147483646", "lock--2147483648", "lock-2147483647", "lock--2147483647"]
        #expect(Contender.queue(names).map(\.sequence) == [.max - 1, .max, .min, .min + 1])
        #expect(Contender.queue(["l-0000000002", "l-0000000000", "l--000000001"]).map(\.sequence) == [-1, 0, 2])
        #expect(Contender.queue([]).isEmpty)
    }

    /// A server that has reached the last number gives it to all that come then: two of three came in front of the holder.
    @Test func oneHoldsAtTheLastNumber() async throws {
        let files = try TemporaryDirectory()
        let data = files.path("data")
        try FileManager.default.copyItem(
            atPath: Fixtures.repository.appending(path: "Tests/Fixtures/datadirs/seq-large-cversion").path,
            toPath: data)
        let server = try await ZooshServer.start(["--data-dir", data])
        let client = try await RecipeHarness.session(server.connectString)
        for name in try await client.getChildren("/max") { try await client.delete(ZnodePath("/max").appending(name)) }
        let lock = DistributedLock(client, path: "/max")
        let election = LeaderElection(client, path: "/max", name: [1])
        for _ in 0..<5 { try await lock.acquire(timeout: .seconds(10)).release() }
        let held = try await lock.acquire(timeout: .seconds(10))
        for _ in 0..<12 {
            await #expect(throws: RecipeError.timedOut(path: "/max")) { try await lock.acquire(timeout: .zero) }
            await #expect(throws: RecipeError.timedOut(path: "/max")) { try await election.campaign(timeout: .zero) }
        }
        let next = Task { try await election.campaign(timeout: .seconds(20)) }
        try await eventually("it queues") { try await lock.contenders().count == 2 }
        #expect(try await lock.contenders().first?.path == held.path)
        try await held.release()
        try await next.value.release()
        await client.close()
    }

    // MARK: Membership

    @Test(arguments: [CreateMode.persistent, .container])
    func whatIsNoMemberIsNotReplaced(_ mode: CreateMode) async throws {
        try await RecipeHarness.run { harness in
            let client = try await RecipeHarness.session()
            let place = try await client.create(harness.home.appending("cfg"), data: [1, 2], mode: mode)
            let group = GroupMembership(client, path: harness.home)
            for replacement in [GroupMembership.Replacement.nobody, .anyMember, .sessions([0])] {
                do {
                    _ = try await group.join(id: "cfg", data: [9], replacing: replacement)
                    Issue.record("it was replaced")
                } catch let error as RecipeError {
                    guard case .taken(place, let occupant) = error else { throw error }
                    #expect(occupant.contains("no member"))
                }
            }
            #expect(try await client.getData(place).data == [1, 2])
            await client.close()
        }
    }

    /// Any ephemeral znode of the same session may stand there.
    @Test func whatTheSessionHasItselfIsNotReplaced() async throws {
        try await RecipeHarness.run { harness in
            let client = try await RecipeHarness.session()
            let place = try await client.create(harness.home.appending("m"), data: [1, 2], mode: .ephemeral)
            let group = GroupMembership(client, path: harness.home)
            await #expect(throws: RecipeError.self) { try await group.join(id: "m", data: [9]) }
            #expect(try await client.getData(place).data == [1, 2])
            try await group.join(id: "m", data: [9], replacing: .sessions([client.session.id]))
            #expect(try await client.getData(place).data == [9])
            await client.close()
        }
    }

    @Test func aLiveMemberIsReplacedOnlyWhenAskedFor() async throws {
        try await RecipeHarness.run { harness in
            let first = try await RecipeHarness.session()
            let second = try await RecipeHarness.session()
            let place = try await GroupMembership(first, path: harness.home).join(id: "m")
            let group = GroupMembership(second, path: harness.home)
            await #expect(throws: RecipeError.self) { try await group.join(id: "m") }
            await #expect(throws: RecipeError.self) { try await group.join(id: "m", replacing: .sessions([1])) }
            #expect(try await second.exists(place)?.ephemeralOwner == first.session.id)
            try await group.join(id: "m", replacing: .sessions([first.session.id]))
            #expect(try await second.exists(place)?.ephemeralOwner == second.session.id)
            // Who has lost it does not take it along.
            try await GroupMembership(first, path: harness.home).leave(place)
            #expect(try await second.exists(place) != nil)
            for client in [first, second] { await client.close() }
        }
    }

    @Test func aMemberJoinsThoughTheEarlierSessionEndsMeanwhile() async throws {
        try await RecipeHarness.run { harness in
            for round in 0..<60 {
                let old = try await RecipeHarness.session()
                let new = try await RecipeHarness.session()
                try await GroupMembership(old, path: harness.home).join(id: "m")
                async let end: Void = old.close()
                if round % 2 == 0 { try await Task.sleep(for: .microseconds(Int.random(in: 1...2000))) }
                let place = try await GroupMembership(new, path: harness.home).join(id: "m", replacing: .anyMember)
                await end
                #expect(try await new.exists(place)?.ephemeralOwner == new.session.id)
                await new.close()
            }
        }
    }

    // MARK: Barrier

    @Test func aReadyThatWasLeftBehindLetsNobodyIn() async throws {
        try await RecipeHarness.run { harness in
            let killed = [try await RecipeHarness.session(), try await RecipeHarness.session()]
            try await withThrowingTaskGroup(of: Void.self) { group in
                for client in killed {
                    group.addTask {
                        try await DoubleBarrier(client, path: harness.home, membersMin: 2).enter(timeout: .seconds(20))
                    }
                }
                try await group.waitForAll()
            }
            for client in killed { await client.close() }
            let clients = [try await RecipeHarness.session(), try await RecipeHarness.session()]
            #expect(try await clients[0].getChildren(harness.home) == ["ready"])
            let barriers = clients.map { DoubleBarrier($0, path: harness.home, membersMin: 2) }
            await #expect(throws: RecipeError.timedOut(path: harness.home)) {
                try await barriers[0].enter(timeout: .milliseconds(300))
            }
            // Two are enough again.
            try await withThrowingTaskGroup(of: Void.self) { group in
                for barrier in barriers {
                    group.addTask {
                        try await barrier.enter(timeout: .seconds(20))
                        try await barrier.leave(timeout: .seconds(20))
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await clients[0].getChildren(harness.home).isEmpty)
            for client in clients { await client.close() }
        }
    }

    /// One who leaves deletes it, and may do so before those who wait have seen it.
    @Test func aReadyThatIsGoneAgainHasLetAllIn() async throws {
        try await RecipeHarness.run { harness in
            let client = try await RecipeHarness.session()
            let barrier = DoubleBarrier(client, path: harness.home, membersMin: 2)
            let entered = Shared(false)
            let entering = Task {
                try await barrier.enter(timeout: .seconds(20))
                entered.change { $0 = true }
            }
            try await eventually("it waits") { try await client.getChildren(harness.home).count == 1 }
            let ready = harness.home.appending("ready")
            // It sees those only that come when it has looked for one.
            try await eventually("it has entered") {
                _ = try await client.multi([.create(ready), .delete(ready)])
                return entered.value
            }
            try await entering.value
            await client.close()
        }
    }

    // MARK: Queue

    /// The element is gone, and whose doing that was is not known.
    @Test func anElementOfUnknownFateIsNotLost() async throws {
        let (proxy, client) = try await throughProxy()
        let path = try await client.create("/fate-", mode: .persistentSequential)
        let queue = DistributedQueue(client, path: path)
        for waits in [true, false] {
            try await queue.push([7])
            let element = path.appending(try #require(try await client.getChildren(path).first))
            // The names, the data, and then its deletion.
            proxy.loseReply(after: 2)
            await #expect(throws: RecipeError.perhapsTaken(path: element, data: [7])) {
                if waits { try await queue.pop(timeout: .seconds(60)) } else { try await queue.popNow() }
            }
            #expect(try await queue.count() == 0)
        }
        await client.close()
    }

    // MARK: Servers that refuse

    /// Throttled, moved, not read-only, request timeout.
    @Test(arguments: [-127, -118, -119, -122] as [Int32])
    func aRefusalThatPassesIsNoFailure(_ code: Int32) async throws {
        let (proxy, client) = try await throughProxy()
        let home = try await client.create("/refused-", mode: .persistentSequential)
        for count in 1...3 {
            let held = try await DistributedLock(client, path: home).acquire(timeout: .seconds(20))
            proxy.failReplies(count, code: code)
            try await held.release()
            proxy.failReplies(count, code: code)
            let lease = try await DistributedSemaphore(client, path: home.appending("s"), leasesMax: 1).acquire(
                timeout: .seconds(20))
            try await lease.release()
        }
        proxy.failReplies(0, code: 0)
        try await eventually("nothing is left") { try await client.getEphemerals(prefix: home).isEmpty }
        await client.close()
    }

    @Test func whoLooksWhetherItIsGoneDoesNotFlood() async throws {
        let (proxy, client) = try await throughProxy()
        let home = try await client.create("/flood-", mode: .persistentSequential)
        let held = try await DistributedLock(client, path: home).acquire(timeout: .seconds(20))
        proxy.failReplies(.max, code: -127)
        let waiting = Task { try await held.untilLost() }
        try await Task.sleep(for: .seconds(1))
        #expect(proxy.failedCount < 20)
        waiting.cancel()
        // What persists is unknown, and that is as bad as uncertain.
        try await withTimeLimit(.seconds(20)) { try await held.untilUncertain(patience: .milliseconds(300)) }
        proxy.failReplies(0, code: 0)
        await client.close()
    }

    private func throughProxy() async throws -> (TCPProxy, ZooKeeperClient) {
        let server = try await ApacheServer.shared()
        let proxy = try await TCPProxy.start(to: Int(server.port))
        return (proxy, try await RecipeHarness.session(proxy.connectString))
    }

    // MARK: In doubt

    /// The connection stands, and nothing comes through it.
    @Test func anEnsembleThatSaysNothingStopsEachBody() async throws {
        let server = try await ZooshServer.start()
        let client = try await RecipeHarness.session(server.connectString, timeout: .seconds(6))
        let (entered, stopped) = (Shared(0), Shared<[ContinuousClock.Instant]>([]))
        let body: @Sendable (Held) async throws -> Void = { _ in
            entered.change { $0 += 1 }
            defer { stopped.change { $0.append(.now) } }
            try await Task.sleep(for: .seconds(60))
        }
        let holding = [
            Task { try await DistributedLock(client, path: "/lock").withLock(body) },
            Task { try await LeaderElection(client, path: "/election", name: []).withLeadership(body) },
            Task { try await DistributedSemaphore(client, path: "/semaphore", leasesMax: 1).withLease(body) },
        ]
        try await eventually(within: .seconds(60), "all hold") { entered.value == 3 }
        kill(server.pid, SIGSTOP)
        defer { kill(server.pid, SIGCONT) }
        let expiry = ContinuousClock.now + .seconds(6)
        for hold in holding {
            do {
                try await hold.value
                Issue.record("it went on")
            } catch let error as RecipeError {
                guard case .holdUncertain = error else { throw error }
            }
        }
        #expect(stopped.value.count == 3)
        for moment in stopped.value { #expect(moment < expiry) }
        kill(server.pid, SIGCONT)
        await client.close()
    }

    @Test func aLostConnectionStopsTheBodyByDefault() async throws {
        let (proxy, client) = try await throughProxy()
        let path = try await client.create("/doubt-", mode: .persistentSequential)
        let lock = DistributedLock(client, path: path)
        let ended = Shared(false)
        do {
            try await lock.withLock { _ in
                await proxy.cut()
                do {
                    try await Task.sleep(for: .seconds(60))
                } catch {
                    ended.change { $0 = true }
                    throw error
                }
            }
            Issue.record("it went on")
        } catch let error as RecipeError {
            guard case .holdUncertain = error else { throw error }
        }
        #expect(ended.value, "it was waited for")
        try await eventually("the session lives, so it is given back") { try await client.getChildren(path).isEmpty }
        // Unless it is not to stop before it is lost.
        try await lock.withLock(stopWhen: .lost) { _ in
            await proxy.cut()
            try await client.waitUntilConnected(timeout: .seconds(20))
            try await client.sync(path)
        }
        await client.close()
    }
}
