import Support
import Testing
import ZKClient
import ZKCore

@Suite(.timeLimit(.minutes(3))) struct SessionScenarios {
    @Test(arguments: Deployment.allCases)
    func ephemeralsVanishWithTheirSession(_ deployment: Deployment) async throws {
        try await deployment.run { client, home in
            let owner = try await deployment.client()
            let path = home.appending("member")
            try await owner.create(path, data: bytes("here"), mode: .ephemeral)
            try await client.sync(path)
            let (stat, watch) = try await client.existsAndWatch(path)
            #expect(stat?.ephemeralOwner == owner.session.id)
            #expect(try await owner.getEphemerals(prefix: home) == [path])
            #expect(try await client.getEphemerals(prefix: home).isEmpty)
            await owner.close()
            #expect(try await watch.event().type == .nodeDeleted)
            #expect(try await client.exists(path) == nil)
        }
    }

    @Test(arguments: Deployment.allCases)
    func sessionsOutliveTheirConnections(_ deployment: Deployment) async throws {
        try await deployment.run { other, home in
            let proxy = try await TCPProxy.start(to: try await deployment.port)
            let client = try await deployment.client(through: proxy)
            let session = client.session
            let path = home.appending("member")
            try await client.create(path, mode: .ephemeral)
            for round in 1...3 {
                let accepted = proxy.acceptedCount
                await proxy.cut()
                try await eventually("connection \(round)") { proxy.acceptedCount > accepted }
                #expect(try await client.exists(path)?.ephemeralOwner == session.id)
                #expect(client.session.id == session.id && client.session.password == session.password)
            }
            try await other.sync(path)
            #expect(try await other.exists(path) != nil)
            await client.close()
            try await other.sync(path)
            #expect(try await other.exists(path) == nil, "close ends the session, however often it moved")
        }
    }

    @Test(arguments: Deployment.allCases)
    func aSessionThatIsAwayTooLongExpires(_ deployment: Deployment) async throws {
        try await deployment.run { other, home in
            let proxy = try await TCPProxy.start(to: try await deployment.port)
            let client = try await deployment.client(through: proxy, sessionTimeout: .seconds(3))
            #expect(client.session.timeout == .seconds(3))
            let path = home.appending("member")
            try await client.create(path, mode: .ephemeral)
            try await other.sync(path)
            let (stat, watch) = try await other.existsAndWatch(path)
            #expect(stat != nil)
            let events = client.sessionEvents()
            let began = ContinuousClock.now
            await proxy.block()
            #expect(try await watch.event().type == .nodeDeleted)
            #expect(ContinuousClock.now - began < .seconds(30))
            proxy.open()
            try await withTimeLimit(.seconds(20), "the expiry") {
                for await event in events where event == .expired { return }
            }
            #expect(client.state == .expired)
            await expectError(.sessionExpired) { try await client.exists(path) }
            await client.close()
        }
    }

    /// Pings keep an idle session alive.
    @Test(arguments: Deployment.allCases)
    func anIdleSessionLives(_ deployment: Deployment) async throws {
        try await deployment.run { other, home in
            let client = try await deployment.client(sessionTimeout: .seconds(4))
            let path = home.appending("member")
            try await client.create(path, mode: .ephemeral)
            let session = client.session.id
            try await Task.sleep(for: .seconds(7))
            #expect(client.session.id == session)
            #expect(try await other.exists(path)?.ephemeralOwner == session)
            await client.close()
        }
    }

    /// Requests of one client take effect in the order in which they were made, however many are under way.
    @Test(arguments: Deployment.allCases)
    func requestsKeepTheirOrder(_ deployment: Deployment) async throws {
        try await deployment.run { client, home in
            let path = home.appending("a")
            try await client.create(path)
            let sequence = try await client.watch(home, mode: .persistentRecursive)
            // On one actor nothing comes between noting the number and the call's taking its place.
            let order = CallOrder()
            let tasks = (1...500).map { number in
                Task { @MainActor in
                    order.numbers.append(number)
                    return try await client.setData(path, data: bytes("\(number)")).version
                }
            }
            var versions: [Int: Int32] = [:]
            for (index, task) in tasks.enumerated() { versions[index + 1] = try await task.value }
            let called = await order.numbers
            #expect(called.map { versions[$0] } == Array(1...500))
            #expect(try await client.getData(path).data == bytes("\(try #require(called.last))"))
            var iterator = sequence.makeAsyncIterator()
            var last = Zxid.zero
            for _ in 1...500 {
                let zxid = try await iterator.nextEvent().zxid ?? last.next
                #expect(zxid > last)
                last = zxid
            }
        }
    }

    /// A cancelled call throws at once and disturbs nobody.
    @Test(arguments: Deployment.allCases)
    func cancellationLeavesNeighboursAlone(_ deployment: Deployment) async throws {
        try await deployment.run { client, home in
            let path = home.appending("a")
            try await client.create(path)
            let tasks = (0..<200).map { number in
                Task { try await client.setData(path, data: bytes("\(number)")) }
            }
            for task in tasks.enumerated() where task.offset % 2 == 1 { task.element.cancel() }
            for (number, task) in tasks.enumerated() {
                do {
                    _ = try await task.value
                } catch is CancellationError {
                    #expect(number % 2 == 1)
                }
            }
            let version = try await client.getData(path).stat.version
            #expect((100...200).contains(version))
        }
    }

    @MainActor private final class CallOrder {
        var numbers: [Int] = []

        nonisolated init() {}
    }
}
