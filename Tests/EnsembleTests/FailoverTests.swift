import Support
import Synchronization
import Testing
import ZKClient
import ZKCore

/// What a session keeps when its server goes, however it goes.
@Suite(.serialized, .timeLimit(.minutes(5))) struct FailoverTests {
    enum Blow: String, CaseIterable {
        case pause
        case kill
        case restart
    }

    private func strike(_ server: ApacheServer, _ blow: Blow) async throws {
        switch blow {
        case .pause: server.pause()
        case .kill: await server.kill()
        case .restart: await server.stop()
        }
    }

    private func heal(_ server: ApacheServer, _ blow: Blow) async throws {
        switch blow {
        case .pause: server.resume()
        case .kill, .restart: try server.launch()
        }
        try await server.waitUntilServing()
    }

    /// One ensemble for all: what remains of it after each blow must be as good as new.
    @Test func nothingIsLostWithTheServer() async throws {
        let ensemble = try await ApacheEnsemble.start(size: 3)
        for (number, blow) in Blow.allCases.enumerated() {
            try await watchesFireOnce(
                ensemble, victim: try await ensemble.follower(), blow, home: ZnodePath("/follower\(number)"))
            try await watchesFireOnce(
                ensemble, victim: try await ensemble.leader(), blow, home: ZnodePath("/leader\(number)"))
        }
        await ensemble.stop()
    }

    private func watchesFireOnce(
        _ ensemble: ApacheEnsemble, victim: ApacheServer, _ blow: Blow, home: ZnodePath
    ) async throws {
        let notifications = Counter()
        let trace = ClientTrace { if $0.operation.hasPrefix("notification") { notifications.add() } }
        // Connected to the victim, while the writer keeps away from it. An election on a busy machine must not outlast the
        // session, which is given up after 4/3 of its timeout.
        let client = try await session(ensemble.connectString(first: victim), timeout: .seconds(12), trace: trace)
        let writer = try await session(ensemble.connectString(without: victim))
        #expect(client.session.server == victim.connectString)
        let names = (0..<5).map { "n\($0)" }
        try await client.create(home)
        try await client.create(home.appending("member"), mode: .ephemeral)
        try await writer.sync(home)
        var watches: [OneShotWatch] = []
        for name in names {
            try await client.create(home.appending(name), data: bytes("old"))
            watches.append(try await client.getDataAndWatch(home.appending(name)).watch)
            watches.append(try await client.existsAndWatch(home.appending("late-\(name)")).watch)
        }
        watches.append(try await client.getChildrenAndWatch(home).watch)
        let before = client.session

        try await strike(victim, blow)
        // While nobody knows whether the client is connected.
        for name in names {
            try await retrying { try await writer.setData(home.appending(name), data: bytes("new")) }
            try await retrying { try await writer.create(home.appending("late-\(name)")) }
        }
        var events: [EventType] = []
        for watch in watches { events.append(try await watch.event().type) }
        let expected = Array(repeating: [EventType.nodeDataChanged, .nodeCreated], count: 5).flatMap(\.self)
        #expect(events == expected + [.nodeChildrenChanged], "\(blow) of \(home)")

        let after = client.session
        #expect(after.id == before.id)
        #expect(after.server != before.server)
        #expect(after.lastZxid >= before.lastZxid)
        #expect(try await client.exists(home.appending("member"))?.ephemeralOwner == before.id)
        for name in names { #expect(try await client.getData(home.appending(name)).data == bytes("new")) }
        // None of them fires a second time.
        for name in names { try await writer.setData(home.appending(name), data: bytes("newer")) }
        try await client.sync(home)
        #expect(try await client.getData(home.appending("n4")).data == bytes("newer"))
        #expect(notifications.value == watches.count, "\(blow) of \(home)")
        try await heal(victim, blow)
        _ = try await ensemble.leader()
        await client.close()
        await writer.close()
    }

    /// Again when it is not known whether it was done: these writes may be done twice.
    private func retrying<Value>(_ body: () async throws -> Value) async throws {
        while true {
            do {
                _ = try await body()
                return
            } catch let error as ZooKeeperError where error.code == .nodeExists {
                return
            } catch let error as ZooKeeperError where error.isOutcomeUnknown {
                continue
            }
        }
    }

    /// A reader whose servers are restarted in turn never sees an older state than it has seen.
    @Test(.enabled(if: runsLongTests)) func readsNeverGoBackInTime() async throws {
        let ensemble = try await ApacheEnsemble.start(size: 3)
        let reader = try await session(ensemble.connectString, timeout: .seconds(6))
        let writer = try await session(ensemble.connectString, timeout: .seconds(6))
        try await writer.create("/count", data: bytes("0"))
        try await reader.sync("/count")
        let isOver = Flag()
        let writing = Task {
            var count = 0
            while !isOver.value {
                count += 1
                do {
                    try await writer.setData("/count", data: bytes("\(count)"))
                } catch let error as ZooKeeperError where error.isOutcomeUnknown {
                    continue
                }
            }
            return count
        }
        let reading = Task {
            var (seen, reads) = (Int32(-1), 0)
            while !isOver.value {
                let version = try await reader.getData("/count").stat.version
                #expect(version >= seen)
                (seen, reads) = (version, reads + 1)
            }
            return reads
        }
        for member in ensemble.members {
            member.pause()
            try await Task.sleep(for: .seconds(5))
            member.resume()
            try await member.waitUntilServing()
            try await member.restart()
            _ = try await ensemble.leader()
        }
        isOver.set()
        #expect(try await writing.value > 100)
        #expect(try await reading.value > 100)
        await reader.close()
        await writer.close()
        await ensemble.stop()
    }
}

final class Counter: Sendable {
    private let count = Mutex(0)

    var value: Int { count.withLock { $0 } }
    func add() { count.withLock { $0 += 1 } }
}

final class Flag: Sendable {
    private let isSet = Mutex(false)

    var value: Bool { isSet.withLock { $0 } }
    func set() { isSet.withLock { $0 = true } }
}
