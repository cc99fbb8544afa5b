import Testing
import ZKCore

@testable import ZKShell

@Suite(.timeLimit(.minutes(1)))
struct FourLetterReportTests {
    private func merged(_ texts: String...) -> ServerStatus {
        var status = ServerStatus(endpoint: "h:2181", answer: .fourLetterWords)
        for text in texts { FourLetterReport.merge(text, into: &status) }
        return status
    }

    @Test func readsSrvr() {
        let status = merged(
            """
            Zookeeper version: 3.9.4-7246445ec281f3dbf53dc54e970c914f39713903, built on 2025-08-19 19:53 UTC
            Latency min/avg/max: 0/0.4106/3
            Received: 155
            Sent: 154
            Connections: 3
            Outstanding: 7
            Zxid: 0x100000092
            Mode: leader
            Node count: 9
            Proposal sizes last/min/max: -1/-1/-1

            """)
        #expect(status.version == "3.9.4")
        #expect(status.latency == ServerStatus.Latency(minMillis: 0, avgMillis: 0.4106, maxMillis: 3))
        #expect(status.connections == 3)
        #expect(status.outstanding == 7)
        #expect(status.zxid == Zxid(epoch: 1, counter: 0x92))
        #expect(status.role == .leader)
        #expect(status.znodes == 9)
    }

    @Test func readsMntr() {
        let status = merged(
            "zk_server_state\tfollower\nzk_watch_count\t6\nzk_ephemerals_count\t3\nzk_znode_count\t12\n")
        #expect(status.role == .follower)
        #expect(status.watches == 6)
        #expect(status.ephemerals == 3)
        #expect(status.znodes == 12)
    }

    @Test func readsConf() {
        let status = merged(
            """
            clientPort=23181
            serverId=2
            membership: 
            server.1=127.0.0.1:23381:23481:participant
            server.2=127.0.0.1:23382:23482:observer;0.0.0.0:2182
            version=10000000a
            """)
        #expect(status.serverID == 2)
        #expect(status.membership.voterIDs == [1])
        #expect(status.membership.members[2]?.isObserver == true)
        #expect(status.membership.members[2]?.clientEndpoint == "127.0.0.1:2182")
        #expect(status.membership.version == Zxid(rawValue: 0x1_0000_000a))
    }

    @Test func aServerWithoutQuorumIsNotServing() {
        #expect(merged(FourLetterReport.notServing + "\n").role == .notServing)
    }

    @Test func tellsARefusalFromAnAnswer() {
        #expect(FourLetterReport.isRefusal("mntr is not executed because it is not in the whitelist.\n"))
        #expect(FourLetterReport.isRefusal(""))
        #expect(!FourLetterReport.isRefusal("imok"))
    }

    @Test(arguments: [
        ("server.1=h:1:2;2181", "h:2181"), ("server.1=h:1:2:participant;10.1.1.1:2181", "10.1.1.1:2181"),
        ("server.1=[::1]:1:2;[::]:2181", "[::1]:2181"), ("server.1=a:1:2|b:1:2;2181", "a:2181"),
    ])
    func findsTheClientEndpoint(line: String, endpoint: String) {
        #expect(Membership(parsing: line).members[1]?.clientEndpoint == endpoint)
    }

    @Test func nonsenseNeverTraps() {
        for text in [
            "server.=x", "server.1=", "server.99999999999999999999=h", "Zxid: ", "Zxid: 0xzz", "\t", ": ", "version=zz",
        ] {
            _ = merged(text)
        }
        #expect(merged("Zxid: 0xffffffffffffffff").zxid == Zxid(rawValue: -1))
    }
}
