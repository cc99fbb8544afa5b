import Testing
import ZKCore

@testable import ZKShell

@Suite(.timeLimit(.minutes(1)))
struct EnsembleVerdictTests {
    private static let three = Membership(
        parsing: """
            server.1=10.0.0.1:2888:3888:participant;0.0.0.0:2181
            server.2=10.0.0.2:2888:3888:participant;0.0.0.0:2181
            server.3=10.0.0.3:2888:3888:participant;0.0.0.0:2181
            """)

    private func server(
        _ id: Int, _ role: ServerStatus.Role, zxid: Int64 = 0x1_0000_0010, membership: Membership = three
    ) -> ServerStatus {
        var status = ServerStatus(endpoint: "10.0.0.\(id):2181", answer: .fourLetterWords)
        status.role = role
        status.zxid = Zxid(rawValue: zxid)
        if status.isServing { status.membership = membership }
        return status
    }

    private func dead(_ id: Int) -> ServerStatus {
        ServerStatus(endpoint: "10.0.0.\(id):2181", answer: .none("connection refused"))
    }

    @Test func aFullEnsembleIsHealthy() {
        let verdict = EnsembleVerdict(of: [server(1, .follower), server(2, .leader), server(3, .follower)])
        #expect(verdict.health == .healthy)
        #expect(verdict.summary == "quorum: 3 of 3 voters serve, 2 needed; one more may fail")
        #expect(verdict.oddities.isEmpty)
    }

    @Test func aLostFollowerDegrades() {
        let verdict = EnsembleVerdict(of: [server(1, .follower), server(2, .leader), dead(3)])
        #expect(verdict.health == .degraded)
        #expect(verdict.summary == "quorum: 2 of 3 voters serve, 2 needed; no more may fail")
        #expect(verdict.oddities == ["10.0.0.3:2181 does not answer: connection refused"])
    }

    @Test func oneOfTwoIsNoQuorum() {
        let verdict = EnsembleVerdict(of: [server(1, .notServing), dead(2)])
        #expect(verdict.health == .down)
        #expect(verdict.health.exitStatus == 3)
        #expect(verdict.summary == "no quorum: 1 of 2 servers answer, none serves")
        #expect(verdict.oddities.contains { $0.contains("no majority of the voters of its own configuration") })
    }

    @Test func nobodyThereIsDown() {
        let verdict = EnsembleVerdict(of: [dead(1), dead(2)])
        #expect(verdict.health == .down)
        #expect(verdict.summary == "down: no server answers")
    }

    /// As five real servers answered, of which 1 and 2 list themselves and the newcomer 3, and 3, 4 and 5 list all.
    @Test func twoMajoritiesAreTold() {
        let five = Membership(parsing: (1...5).map { "server.\($0)=10.0.0.\($0):2888:3888" }.joined(separator: "\n"))
        let roles: [ServerStatus.Role] = [.follower, .leader, .follower, .follower, .leader]
        let servers = roles.enumerated().map { index, role in
            var status = server(index + 1, role, membership: index < 2 ? Self.three : five)
            status.serverID = index + 1
            return status
        }
        let verdict = EnsembleVerdict(of: servers)
        #expect(verdict.health == .degraded)
        #expect(verdict.summary == "quorum: 3 of 3 voters serve, 2 needed; one more may fail")
        #expect(verdict.oddities.first == "2 servers say that they lead: 10.0.0.2:2181, 10.0.0.5:2181")
        #expect(
            verdict.oddities.last
                == "the configurations differ: 10.0.0.2:2181 lists servers 1, 2, 3; 10.0.0.5:2181 lists 1, 2, 3, 4, 5")
    }

    @Test func twoLeadersAreOdd() {
        let verdict = EnsembleVerdict(of: [server(1, .leader), server(2, .leader), server(3, .follower)])
        #expect(verdict.health == .degraded)
        #expect(verdict.oddities.first == "2 servers say that they lead: 10.0.0.1:2181, 10.0.0.2:2181")
    }

    @Test func noLeaderAmongTheAskedIsOdd() {
        let verdict = EnsembleVerdict(of: [server(1, .follower)])
        #expect(verdict.health == .degraded)
        #expect(verdict.oddities.first?.hasPrefix("no leader among the servers asked") == true)
    }

    @Test func aLaggingFollowerIsNamed() {
        let verdict = EnsembleVerdict(of: [
            server(1, .follower, zxid: 0x1_0000_0000), server(2, .leader, zxid: 0x1_0000_1000),
            server(3, .follower, zxid: 0x1_0000_1000),
        ])
        #expect(verdict.oddities == ["10.0.0.1:2181 lags 4096 txns behind the leader"])
    }

    @Test func lagAcrossEpochsIsNotCounted() {
        #expect(server(1, .follower, zxid: 0x99).lag(behind: server(2, .leader, zxid: 0x1_0000_0000)) == nil)
    }

    @Test func serversThatDisagreeOnTheMembershipAreNamed() {
        let two = Membership(parsing: "server.1=10.0.0.1:2888:3888\nserver.2=10.0.0.2:2888:3888")
        let verdict = EnsembleVerdict(of: [
            server(1, .follower, membership: two), server(2, .leader), server(3, .follower),
        ])
        #expect(
            verdict.oddities == [
                "the configurations differ: 10.0.0.2:2181 lists servers 1, 2, 3; 10.0.0.1:2181 lists 1, 2"
            ])
    }

    /// Two servers and a newcomer serve by their own three-member configuration; the other two, whose configuration
    /// has five, see no majority, though they are up.
    @Test func theLargerPartMayBeOutOfService() {
        let verdict = EnsembleVerdict(of: [
            server(1, .follower), server(2, .leader), server(3, .follower), server(4, .notServing),
            server(5, .notServing),
        ])
        #expect(verdict.health == .degraded)
        #expect(verdict.oddities.count == 2)
        #expect(verdict.oddities.allSatisfy { $0.contains("while servers 1, 2, 3 make a quorum by theirs") })
    }

    @Test func aStandaloneServerIsHealthyAlone() {
        #expect(EnsembleVerdict(of: [server(1, .standalone, membership: Membership())]).health == .healthy)
    }

    @Test func aStandaloneServerAmongOthersIsOdd() {
        let verdict = EnsembleVerdict(of: [server(1, .standalone, membership: Membership()), server(2, .leader)])
        #expect(verdict.oddities.contains("10.0.0.1:2181 runs standalone: its data is not that of the other servers"))
    }
}
