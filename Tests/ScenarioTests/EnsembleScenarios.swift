import Support
import Synchronization
import Testing
import ZKClient
import ZKCore

/// What only a real ensemble can show. Each starts servers of its own, since it kills some.
@Suite(.serialized, .timeLimit(.minutes(5))) struct EnsembleScenarios {
    private func client(
        _ ensemble: ApacheEnsemble, sessionTimeout: Duration = .seconds(20)
    ) async throws -> ZooKeeperClient {
        var configuration = ClientConfiguration(connectString: try ConnectString(ensemble.connectString))
        configuration.sessionTimeout = sessionTimeout
        configuration.requestTimeout = .seconds(60)
        let client = ZooKeeperClient(configuration: configuration)
        try await client.waitUntilConnected(timeout: .seconds(30))
        return client
    }

    /// Writes until it is told to stop; a write whose outcome is unknown is looked up by its data.
    private func writeUntilStopped(
        _ client: ZooKeeperClient, _ home: ZnodePath, _ isStopped: borrowing Atomic<Bool>
    ) async throws -> [ZnodePath] {
        var acknowledged: [ZnodePath] = []
        var number = 0
        while !isStopped.load(ordering: .relaxed) {
            number += 1
            do {
                acknowledged.append(try await client.create(home.appending("n\(number)")))
            } catch let error as ZooKeeperError where error.isOutcomeUnknown {
                continue
            }
        }
        return acknowledged
    }

    @Test func killedLeaderLosesNothing() async throws {
        let ensemble = try await ApacheEnsemble.start(size: 3)
        let client = try await client(ensemble)
        let observer = try await self.client(ensemble)
        let home = try await client.create("/home")
        try await client.create("/member", mode: .ephemeral)
        let session = client.session.id
        try await observer.sync("/home")
        let (_, watch) = try await observer.existsAndWatch("/after")

        let isStopped = Flag()
        let writer = Task { try await self.writeUntilStopped(client, home, isStopped.value) }
        try await eventually("some writes") { try await observer.exists(home.appending("n50")) != nil }
        let leader = try await ensemble.leader()
        await leader.kill()
        let next = try await ensemble.leader()
        #expect(next.id != leader.id)
        let before = client.session.lastZxid
        try await client.create("/after")
        #expect(client.session.lastZxid > before)
        isStopped.value.store(true, ordering: .relaxed)
        let acknowledged = try await writer.value

        #expect(try await watch.event().type == .nodeCreated)
        #expect(client.session.id == session)
        try await observer.sync(home)
        let stored = Set(try await observer.getChildren(home))
        for path in acknowledged { #expect(stored.contains(path.name)) }
        #expect(acknowledged.count > 50)
        #expect(try await observer.exists("/member")?.ephemeralOwner == session)
        await client.close()
        await observer.close()
        await ensemble.stop()
    }

    @Test func pausedServerIsLeft() async throws {
        let ensemble = try await ApacheEnsemble.start(size: 3)
        // Longer than an election takes: the server may be the leader.
        let client = try await client(ensemble, sessionTimeout: .seconds(12))
        try await client.create("/member", mode: .ephemeral)
        let session = client.session
        let port = try #require(session.server?.split(separator: ":").last)
        let server = try #require(ensemble.members.first { "\($0.port)" == port })
        server.pause()
        #expect(try await client.exists("/member")?.ephemeralOwner == session.id)
        #expect(client.session.id == session.id)
        #expect(client.session.server != session.server)
        server.resume()
        await client.close()
        await ensemble.stop()
    }

    @Test func withoutAQuorumNothingHappensAndNothingIsLost() async throws {
        let ensemble = try await ApacheEnsemble.start(size: 3)
        let client = try await client(ensemble, sessionTimeout: .seconds(60))
        try await client.create("/before", data: bytes("x"))
        try await client.create("/member", mode: .ephemeral)
        let session = client.session.id
        let leader = try await ensemble.leader()
        let follower = try await ensemble.follower()
        await leader.kill()
        await follower.kill()
        try await eventually("the last server does not serve") { client.state == .connecting }
        let write = Task { try await client.create("/during") }
        try await leader.restart()
        // The write waited for a connection: it was never sent before, so its outcome is known.
        #expect(try await write.value == "/during")
        #expect(try await client.getData("/before").data == bytes("x"))
        #expect(try await client.exists("/member")?.ephemeralOwner == session)
        #expect(client.session.id == session)
        await client.close()
        await ensemble.stop()
    }

    @Test func everyServerRestartsInTurn() async throws {
        let ensemble = try await ApacheEnsemble.start(size: 3)
        let client = try await client(ensemble)
        let home = try await client.create("/home")
        let session = client.session.id
        let isStopped = Flag()
        let writer = Task { try await self.writeUntilStopped(client, home, isStopped.value) }
        for member in ensemble.members {
            try await member.restart()
            _ = try await ensemble.leader()
        }
        isStopped.value.store(true, ordering: .relaxed)
        let acknowledged = try await writer.value
        #expect(client.session.id == session)
        try await client.sync(home)
        let stored = Set(try await client.getChildren(home))
        for path in acknowledged { #expect(stored.contains(path.name)) }
        await client.close()
        await ensemble.stop()
    }

    private final class Flag: Sendable {
        let value = Atomic(false)
    }
}
