import Testing
import ZKCore

@testable import ZKShell

@Suite(.timeLimit(.minutes(1)))
struct AdminReportTests {
    private func merged(_ texts: String...) -> ServerStatus {
        var status = ServerStatus(endpoint: "h:2181", answer: .adminServer)
        for text in texts { AdminReport.merge(Array(text.utf8), into: &status) }
        return status
    }

    @Test func readsServerStats() {
        let status = merged(
            """
            { "version" : "3.9.4-7246445, built on 2025-08-19", "server_stats" : { "last_processed_zxid" : 146,
              "outstanding_requests" : 0, "server_state" : "leader", "avg_latency" : 0.5, "max_latency" : 3,
              "min_latency" : 0, "num_alive_client_connections" : 2 }, "node_count" : 9,
              "command" : "server_stats", "error" : null }
            """)
        #expect(status.version == "3.9.4")
        #expect(status.role == .leader)
        #expect(status.zxid == Zxid(rawValue: 146))
        #expect(status.latency == ServerStatus.Latency(minMillis: 0, avgMillis: 0.5, maxMillis: 3))
        #expect(status.connections == 2)
        #expect(status.znodes == 9)
    }

    @Test func readsMonitorAndConfiguration() {
        let status = merged(
            #"{ "server_state" : "follower", "znode_count" : 9, "watch_count" : 6, "ephemerals_count" : 3, "error" : null }"#,
            #"{ "server_id" : 2, "error" : null }"#,
            #"{ "initial_configuration" : "tickTime=2000\nserver.1=h:1:2\nserver.2=h:3:4\n", "error" : null }"#)
        #expect(status.role == .follower)
        #expect(status.watches == 6)
        #expect(status.ephemerals == 3)
        #expect(status.serverID == 2)
        #expect(status.membership.voterIDs == [1, 2])
    }

    @Test func aServerWithoutQuorumIsNotServing() {
        #expect(
            merged(#"{ "error" : "This ZooKeeper instance is not currently serving requests" }"#).role == .notServing)
    }

    @Test func nonsenseIsLeft() {
        #expect(merged("", "<html>", "[]", "{}", "null").role == .unknown)
    }
}
