import Foundation
import Support
import Testing

@Suite(.timeLimit(.minutes(3))) struct ApacheServerTests {
    @Test func startsServesAndStops() async throws {
        let server = try await ApacheServer.start()
        #expect(try await Loopback.ask("ruok", port: server.port) == "imok")
        #expect(await server.role() == .standalone)
        #expect(try await server.metric("zk_znode_count") == 5)
        await server.kill()
        #expect(!server.isRunning)
        await #expect(throws: POSIXFailure.self) { try await Loopback.ask("ruok", port: server.port) }
        try await server.restart()
        #expect(await server.role() == .standalone)
    }

    @Test func saysWhyItDidNotStart() async throws {
        var options = ApacheOptions.standard
        options.configuration["tickTime"] = "never"
        do {
            _ = try await ApacheServer.start(options)
            Issue.record("it started")
        } catch {
            #expect("\(error)".contains("never"))
        }
    }

    @Test func ensembleElectsAnotherLeader() async throws {
        let ensemble = try await ApacheEnsemble.start(size: 3)
        let first = try await ensemble.leader()
        await first.kill()
        let second = try await ensemble.leader()
        #expect(second.id != first.id)
        try await first.restart()
        #expect(await first.role() == .follower)
        await ensemble.stop()
    }
}
