import Support
import Testing

/// What people learn ZooKeeper with: servers come and go, and who serves is told by `status`.
@Suite(.serialized, .timeLimit(.minutes(5))) struct MembershipTests {
    private func waitUntilUpWithoutServing(_ server: ApacheServer) async throws {
        try await eventually(within: .seconds(60), "server \(server.id) is up and not serving") {
            let answer = try? await Loopback.ask("srvr", port: server.port, limit: .seconds(2))
            return answer?.contains("not currently serving") == true
        }
    }

    private func status(_ ensemble: ApacheEnsemble) async throws -> CommandResult {
        try await zoosh(ensemble.connectString, "status")
    }

    @Test func twoConfigured() async throws {
        let ensemble = try ApacheEnsemble.prepare(size: 2)
        let (first, second) = (ensemble.members[0], ensemble.members[1])
        try first.launch()
        try await waitUntilUpWithoutServing(first)
        var status = try await status(ensemble)
        #expect(status.status == 3)
        #expect(status.outputText.contains("no quorum: 1 of 2 servers answer, none serves"), "\(status.outputText)")
        #expect(status.outputText.contains("\(first.connectString) is up but not serving"))
        #expect(status.outputText.contains("\(second.connectString) does not answer: connection refused"))

        let refused = try await zoosh(ensemble.connectString, "ls", "/", options: ["--connect-timeout", "2s"])
        #expect(refused.status == 3)
        for member in ensemble.members { #expect(refused.errorText.contains(member.connectString)) }

        try second.launch()
        try await ensemble.waitUntilServing()
        var roles: [ApacheServer.Role?] = []
        for member in ensemble.members { roles.append(await member.role()) }
        #expect(Set(roles) == [.leader, .follower])
        status = try await self.status(ensemble)
        #expect(status.status == 0, "\(status.outputText)")
        #expect(status.outputText.contains("quorum: 2 of 2 voters serve, 2 needed; no more may fail"))

        await second.stop()
        try await waitUntilUpWithoutServing(first)
        status = try await self.status(ensemble)
        #expect(status.status == 3, "one of two is no majority: \(status.outputText)")
        await ensemble.stop()
    }

    @Test func theThirdJoinsAsAFollower() async throws {
        let ensemble = try ApacheEnsemble.prepare(size: 3)
        for member in ensemble.members[..<2] { try member.launch() }
        for member in ensemble.members[..<2] { try await member.waitUntilServing() }
        var status = try await status(ensemble)
        #expect(status.status == 1)
        #expect(status.outputText.contains("quorum: 2 of 3 voters serve, 2 needed; no more may fail"))
        let leader = try await ensemble.leader()
        // It has the highest number, which would make it the leader of an election.
        try ensemble.members[2].launch()
        try await ensemble.members[2].waitUntilServing()
        #expect(await ensemble.members[2].role() == .follower)
        #expect(await leader.role() == .leader)
        status = try await self.status(ensemble)
        #expect(status.status == 0)
        #expect(status.outputText.contains("quorum: 3 of 3 voters serve, 2 needed; one more may fail"))
        await ensemble.stop()
    }

    /// Servers 1, 2 and the newcomer 5 list only themselves; 3 and 4 list all five.
    @Test func theLargerPartMayBeOutOfService() async throws {
        let ensemble = try ApacheEnsemble.prepare(size: 5, views: [1: [1, 2, 5], 2: [1, 2, 5], 5: [1, 2, 5]])
        let larger = ensemble.members[2...]
        for member in larger { try member.launch() }
        for member in larger { try await waitUntilUpWithoutServing(member) }
        // 3 and 4 would be content with 5, but 5 counts only 1, 2 and itself.
        try await Task.sleep(for: .seconds(3))
        var status = try await status(ensemble)
        #expect(status.status == 3)
        #expect(status.outputText.contains("no quorum: 3 of 5 servers answer, none serves"), "\(status.outputText)")
        for member in larger {
            let reason = "is up but not serving: it sees no majority of the voters of its own configuration"
            #expect(status.outputText.contains("\(member.connectString) \(reason)"))
        }

        // 3 and 4 join them some time: they ask again after ever longer pauses.
        try ensemble.members[0].launch()
        for member in [ensemble.members[0], ensemble.members[4]] { try await member.waitUntilServing() }
        #expect(await ensemble.members[4].role() == .leader)
        status = try await self.status(ensemble)
        #expect(status.status == 1)
        #expect(status.outputText.contains("quorum: 2 of 3 voters serve, 2 needed; no more may fail"))
        await ensemble.stop()
    }

    /// Servers 1 and 2 list themselves and the newcomer 3; 3, 4 and 5 list all five: two majorities at once.
    @Test(.enabled(if: runsLongTests)) func differingConfigurationsMayElectTwoLeaders() async throws {
        let ensemble = try ApacheEnsemble.prepare(size: 5, views: [1: [1, 2, 3], 2: [1, 2, 3]])
        let members = ensemble.members
        for member in members[..<2] { try member.launch() }
        for member in members[..<2] { try await member.waitUntilServing() }
        for member in members[3...] { try member.launch() }
        for member in members[3...] { try await waitUntilUpWithoutServing(member) }
        #expect(await members[1].role() == .leader, "two of three serve, whatever 4 and 5 think")
        try members[2].launch()
        try await eventually(within: .seconds(60), "a second leader") { await members[4].role() == .leader }
        #expect(await members[1].role() == .leader)
        let status = try await status(ensemble)
        #expect(status.status == 1)
        #expect(status.outputText.contains("2 servers say that they lead: "), "\(status.outputText)")
        await ensemble.stop()
    }
}
