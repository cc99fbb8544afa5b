import Support
import Testing
import ZKClient
import ZKCore

@Suite(.timeLimit(.minutes(3))) struct WatchScenarios {
    @Test(arguments: Deployment.allCases)
    func oneShotWatchesFireAtTheNextChange(_ deployment: Deployment) async throws {
        try await deployment.run { client, home in
            let other = try await deployment.client()
            let path = home.appending("a")
            let (absent, created) = try await client.existsAndWatch(path)
            let (_, _, children) = try await client.getChildrenAndWatch(home)
            #expect(absent == nil)
            try await other.create(path, data: bytes("1"))
            #expect(try await created.event().type == .nodeCreated)
            #expect(try await created.event().path == path)
            #expect(try await children.event().type == .nodeChildrenChanged)
            #expect(try await children.event().path == home)

            let (_, _, data) = try await client.getDataAndWatch(path)
            try await other.setData(path, data: bytes("2"))
            #expect(try await data.event().type == .nodeDataChanged)
            let (value, _, gone) = try await client.getDataAndWatch(path)
            #expect(value == bytes("2"), "the event comes before the data, so a read after it shows the change")
            let (_, listed) = try await client.existsAndWatch(path)
            try await other.delete(path)
            #expect(try await gone.event().type == .nodeDeleted)
            #expect(try await listed.event().type == .nodeDeleted)
            #expect(client.armedWatches.isEmpty)
            await other.close()
        }
    }

    /// A client never sees the new data before it was told of the change.
    @Test(arguments: Deployment.allCases)
    func theEventComesBeforeTheData(_ deployment: Deployment) async throws {
        try await deployment.run { client, home in
            let path = home.appending("a")
            try await client.create(path, data: bytes("0"))
            let other = try await deployment.client()
            let sequence = try await client.watch(path, mode: .persistent)
            let writer = Task {
                for number in 1...200 { try await other.setData(path, data: bytes("\(number)")) }
            }
            var versionRead: Int32 = 0
            var eventCount: Int32 = 0
            var iterator = sequence.makeAsyncIterator()
            while eventCount < 200 {
                versionRead = max(versionRead, try await client.getData(path).stat.version)
                while eventCount < versionRead {
                    let event = try await iterator.nextEvent()
                    #expect(event.type == .nodeDataChanged)
                    eventCount += 1
                }
            }
            #expect(versionRead == 200)
            try await writer.value
            await other.close()
        }
    }

    @Test(arguments: Deployment.allCases)
    func persistentWatchesTellEveryChangeInOrder(_ deployment: Deployment) async throws {
        try await deployment.run { client, home in
            let a = home.appending("a")
            let sequence = try await client.watch(home, mode: .persistent)
            let recursive = try await client.watch(a, mode: .persistentRecursive)
            try await client.create(a)
            try await client.create(a.appending("b"), data: bytes("1"))
            try await client.setData(a.appending("b"), data: bytes("2"))
            try await client.setData(home, data: bytes("3"))
            try await client.delete(a.appending("b"))
            try await client.delete(a)

            var events = sequence.makeAsyncIterator()
            for type in [EventType.nodeChildrenChanged, .nodeDataChanged, .nodeChildrenChanged] {
                let event = try await events.nextEvent()
                #expect(event.type == type && event.path == home)
            }
            var below = recursive.makeAsyncIterator()
            for (type, path) in [
                (EventType.nodeCreated, a), (.nodeCreated, a.appending("b")), (.nodeDataChanged, a.appending("b")),
                (.nodeDeleted, a.appending("b")), (.nodeDeleted, a),
            ] {
                let event = try await below.nextEvent()
                #expect(event.type == type && event.path == path)
            }
        }
    }

    @Test(arguments: Deployment.allCases)
    func removedWatchesAreSilent(_ deployment: Deployment) async throws {
        try await deployment.run { client, home in
            let sequence = try await client.watch(home, mode: .persistentRecursive)
            try await client.create(home.appending("a"))
            try await client.removeWatches(home, type: .any)
            try await client.create(home.appending("b"))
            var iterator = sequence.makeAsyncIterator()
            #expect(try await iterator.nextEvent().path == home.appending("a"))
            if case .event(let event)? = try await iterator.next() {
                #expect(event.type == .persistentWatchRemoved)
            }
            #expect(try await iterator.next() == nil)
            await expectError(.noWatcher) { try await client.removeWatches(home, type: .any) }
        }
    }

    /// What changed while the connection was away is told as soon as it is back.
    @Test(arguments: Deployment.allCases)
    func watchesSurviveALostConnection(_ deployment: Deployment) async throws {
        try await deployment.run { other, home in
            let proxy = try await TCPProxy.start(to: try await deployment.port)
            let client = try await deployment.client(through: proxy)
            let (changed, created) = (home.appending("changed"), home.appending("created"))
            let (deleted, quiet) = (home.appending("deleted"), home.appending("quiet"))
            for path in [changed, deleted, quiet] { try await other.create(path) }
            try await client.sync(home)
            let (_, _, changedWatch) = try await client.getDataAndWatch(changed)
            let (_, createdWatch) = try await client.existsAndWatch(created)
            let (_, _, deletedWatch) = try await client.getDataAndWatch(deleted)
            let (_, _, quietWatch) = try await client.getDataAndWatch(quiet)
            let sequence = try await client.watch(home, mode: .persistentRecursive)
            var iterator = sequence.makeAsyncIterator()

            await proxy.block()
            try await other.setData(changed, data: bytes("new"))
            try await other.create(created)
            try await other.delete(deleted)
            // A session of the server to which the client comes back exists there only after all that was before it.
            try await deployment.client(through: TCPProxy.start(to: try await deployment.port)).close()
            proxy.open()

            #expect(try await changedWatch.event().type == .nodeDataChanged)
            #expect(try await createdWatch.event().type == .nodeCreated)
            #expect(try await deletedWatch.event().type == .nodeDeleted)
            // What the one-shot watches were told may come first; then it says that something may be missing.
            while let element = try await iterator.next(), element != .resumed {}
            try await other.setData(quiet, data: bytes("now"))
            #expect(try await quietWatch.event().type == .nodeDataChanged)
            #expect(try await iterator.nextEvent().path == quiet)
            await client.close()
        }
    }

    /// More watches than fit into one request come back after a reconnect.
    @Test(arguments: Deployment.allCases)
    func manyWatchesComeBack(_ deployment: Deployment) async throws {
        try await deployment.run { other, home in
            let proxy = try await TCPProxy.start(to: try await deployment.port)
            let client = try await deployment.client(through: proxy)
            // Together above the 128 KiB that a setWatches of the Java client holds, and above jute.maxbuffer.
            let long = String(repeating: "x", count: 600)
            let watches = try await withThrowingTaskGroup { group in
                for index in 0..<2_000 {
                    group.addTask { try await client.existsAndWatch(home.appending("\(index)-\(long)")).watch }
                }
                return try await group.reduce(into: [OneShotWatch]()) { $0.append($1) }
            }
            let accepted = proxy.acceptedCount
            await proxy.cut()
            try await eventually("a new connection") { proxy.acceptedCount > accepted && client.state == .connected }
            try await client.sync(home)
            let last = try #require(watches.last)
            try await other.create(last.path)
            #expect(try await last.event().type == .nodeCreated)
            #expect(client.armedWatches.count == 1_999)
            await client.close()
        }
    }
}
