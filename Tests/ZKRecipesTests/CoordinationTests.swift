import Support
import Testing
import ZKClient
import ZKCore
import ZKRecipes

@Suite(.timeLimit(.minutes(2)))
struct CoordinationTests {
    @Test func leadershipGoesByArrival() async throws {
        try await RecipeHarness.run { harness in
            let clients = [try await RecipeHarness.session(), try await RecipeHarness.session()]
            let a = LeaderElection(clients[0], path: harness.home, name: Array("a".utf8))
            let b = LeaderElection(clients[1], path: harness.home, name: Array("b".utf8))
            #expect(try await a.leader() == nil)
            let led = try await a.campaign()
            let next = Task { try await b.campaign() }
            #expect(try await b.leader() == Array("a".utf8))
            try await led.release()
            let ledByB = try await next.value
            #expect(try await a.candidates() == [Array("b".utf8)])
            #expect(ledByB.fencingToken > led.fencingToken)
            #expect(ledByB.path.name.contains("-latch-"))
            for client in clients { await client.close() }
        }
    }

    @Test func semaphoreGivesOutItsLeases() async throws {
        try await RecipeHarness.run { harness in
            let client = try await RecipeHarness.session()
            let semaphore = DistributedSemaphore(client, path: harness.home, leasesMax: 2)
            let first = try await semaphore.acquire(timeout: .seconds(5))
            _ = try await semaphore.acquire(timeout: .seconds(5))
            await #expect(throws: RecipeError.timedOut(path: harness.home)) {
                try await semaphore.acquire(timeout: .milliseconds(200))
            }
            #expect(try await client.getChildren(harness.home.appending("leases")).count == 2)
            #expect(try await client.getChildren(harness.home.appending("locks")).isEmpty)
            try await first.release()
            _ = try await semaphore.acquire(timeout: .seconds(5))
            await client.close()
        }
    }

    @Test func membersAreSeenToComeAndGo() async throws {
        try await RecipeHarness.run { harness in
            let group = harness.home.appending("group")
            let observer = try await RecipeHarness.session()
            let member = try await RecipeHarness.session()
            let history = Shared<[Set<String>]>([])
            let watching = Task {
                try await GroupMembership(observer, path: group).observe { members in
                    history.change { $0.append(members) }
                    return !(members.isEmpty && history.value.contains(["m1"]))
                }
            }
            let membership = GroupMembership(member, path: group)
            let path = try await membership.join(id: "m1", data: Array("10.0.0.1".utf8))
            #expect(path == group.appending("m1"))
            let members = try await membership.members()
            #expect(members.map(\.id) == ["m1"] && members[0].data == Array("10.0.0.1".utf8))
            // The observer must have seen the member before it goes.
            while !history.value.contains(["m1"]) { await Task.yield() }
            await member.close()
            try await watching.value
            #expect(history.value.last == [])
            await observer.close()
        }
    }

    @Test func aRestartedMemberTakesItsPlaceOver() async throws {
        try await RecipeHarness.run { harness in
            let old = try await RecipeHarness.session()
            let new = try await RecipeHarness.session()
            try await GroupMembership(old, path: harness.home).join(id: "m", data: [1])
            let path = try await GroupMembership(new, path: harness.home).join(
                id: "m", data: [2], replacing: .anyMember)
            let (data, stat) = try await new.getData(path)
            #expect(data == [2] && stat.ephemeralOwner == new.session.id)
            await old.close()
            #expect(try await new.exists(path) != nil, "the old session's end leaves the new member's znode")
            await new.close()
        }
    }

    @Test func barrierLetsAllInAndAllOut() async throws {
        try await RecipeHarness.run { harness in
            let entered = Shared(0)
            let left = Shared(0)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        let client = try await RecipeHarness.session()
                        let barrier = DoubleBarrier(client, path: harness.home, membersMin: 4)
                        entered.change { $0 += 1 }
                        try await barrier.enter(timeout: .seconds(30))
                        #expect(entered.value == 4)
                        left.change { $0 += 1 }
                        try await barrier.leave(timeout: .seconds(30))
                        #expect(left.value == 4)
                        await client.close()
                    }
                }
                try await group.waitForAll()
            }
            let client = try await RecipeHarness.session()
            #expect(try await client.getChildren(harness.home).isEmpty)
            await client.close()
        }
    }

    @Test func barrierGivesUpInTime() async throws {
        try await RecipeHarness.run { harness in
            let client = try await RecipeHarness.session()
            let barrier = DoubleBarrier(client, path: harness.home, membersMin: 2)
            await #expect(throws: RecipeError.timedOut(path: harness.home)) {
                try await barrier.enter(timeout: .milliseconds(200))
            }
            #expect(try await client.getChildren(harness.home).isEmpty)
            await client.close()
        }
    }

    @Test func queueKeepsItsOrderAndGivesEachElementOnce() async throws {
        try await RecipeHarness.run { harness in
            let client = try await RecipeHarness.session()
            let queue = DistributedQueue(client, path: harness.home.appending("q"))
            #expect(try await queue.popNow() == nil)
            for index in 0..<20 { try await queue.push([UInt8(index)]) }
            #expect(try await queue.count() == 20)
            #expect(try await queue.first() == [0])
            #expect(try await queue.popNow() == [0])
            let taken = Shared<[[UInt8]]>([])
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        while let element = try await queue.popNow() { taken.change { $0.append(element) } }
                    }
                }
                try await group.waitForAll()
            }
            #expect(Set(taken.value) == Set((1..<20).map { [UInt8($0)] }))
            #expect(taken.value.count == 19)
            await client.close()
        }
    }

    @Test func popWaitsForAnElement() async throws {
        try await RecipeHarness.run { harness in
            let client = try await RecipeHarness.session()
            let queue = DistributedQueue(client, path: harness.home)
            #expect(try await queue.pop(timeout: .milliseconds(100)) == nil)
            async let element = queue.pop(timeout: .seconds(20))
            try await queue.push([7])
            #expect(try await element == [7])
            await client.close()
        }
    }

    @Test(arguments: [AtomicCounter.Encoding.bigEndian, .decimal])
    func counterLosesNoAddition(encoding: AtomicCounter.Encoding) async throws {
        try await RecipeHarness.run { harness in
            let client = try await RecipeHarness.session()
            let counter = AtomicCounter(client, path: harness.home.appending("n"), encoding: encoding)
            #expect(try await counter.value() == 0)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask { for _ in 0..<10 { try await counter.add(3) } }
                }
                try await group.waitForAll()
            }
            #expect(try await counter.value() == 120)
            #expect(try await counter.exchange(120, for: -1))
            #expect(try await !counter.exchange(120, for: 5))
            #expect(try await counter.value() == -1)
            let bytes = try await client.getData(harness.home.appending("n")).data
            switch encoding {
            case .bigEndian: #expect(bytes == [UInt8](repeating: 0xff, count: 8))
            case .decimal: #expect(bytes == Array("-1".utf8))
            }
            await client.close()
        }
    }

    @Test func foreignDataIsRefused() async throws {
        try await RecipeHarness.run { harness in
            let client = try await RecipeHarness.session()
            let path = try await client.create(harness.home.appending("n"), data: Array("abc".utf8))
            await #expect(throws: RecipeError.malformedData(path: path)) {
                try await AtomicCounter(client, path: path).add(1)
            }
            await client.close()
        }
    }
}
