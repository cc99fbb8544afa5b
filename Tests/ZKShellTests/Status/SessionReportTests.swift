import ShellLanguage
import Testing
import ZKText

@testable import ZKShell

/// Texts as Apache ZooKeeper 3.8.0 sends them.
@Suite(.timeLimit(.minutes(1)))
struct SessionReportTests {
    @Test func connectionsAreRead() throws {
        var report = SessionReport()
        report.mergeConnections(
            """
             /127.0.0.1:41440[1](queued=0,recved=87,sent=86,sid=0x3000055a5cc0000,lop=EXIS,est=1795245835770,to=30000,\
            lcxid=0x56,lzxid=0x100000003,lresp=5682712,llat=1,minlat=0,avglat=0,maxlat=6)
             /[0:0:0:0:0:0:0:1]:41442[1](queued=2,recved=1,sent=0,sid=0xf000055a5cc00001,lop=PING,to=4000)
             /127.0.0.1:41443[0](queued=0,recved=1,sent=0)
            """, server: "zk1:2181")
        #expect(report.sessions.map { Hex.number($0.id) } == ["0x3000055a5cc0000", "0xf000055a5cc00001"])
        let first = try #require(report.sessions[0].connection)
        #expect(
            first
                == SessionReport.Connection(
                    server: "zk1:2181", client: "127.0.0.1:41440", timeoutMillis: 30000, queued: 0, received: 87,
                    sent: 86, lastOperation: "EXIS", establishedMillis: 1_795_245_835_770))
        #expect(report.sessions[1].connection?.client == "[0:0:0:0:0:0:0:1]:41442")
    }

    @Test func ephemeralsAndSessionsWithoutConnectionAreRead() {
        var report = SessionReport()
        report.mergeDump(
            """
            SessionTracker dump:
            Global Sessions(2):
            0x3000055a5cc0000\t30000ms
            0x3000055a5cc0001\t4000ms
            ephemeral nodes dump:
            Sessions with Ephemerals (1):
            0x3000055a5cc0001:
            \t/locks/a b
            \t/locks/c
            Connections dump:
            Connections Sets (1)/(1):
            1 expire at Sat Nov 21 07:24:14 UTC 2026:
            \tip: /127.0.0.1:41456 sessionId: 0x0
            """)
        #expect(report.sessions.map { Hex.number($0.id) } == ["0x3000055a5cc0000", "0x3000055a5cc0001"])
        #expect(report.sessions.map(\.ephemerals) == [[], ["/locks/a b", "/locks/c"]])
        #expect(report.sessions.allSatisfy { $0.connection == nil })
    }

    @Test func watchesAreRead() {
        var report = SessionReport()
        report.mergeWatches(bySession: "0x3000055a5cc0000\n\t/a\n\t/b c\n0x1\n\t/a\n")
        #expect(report.sessions.map(\.watches) == [["/a"], ["/a", "/b c"]])
    }

    @Test(arguments: ["", "0x", "/", "0x:\n\t/a", "[(", "(][", "0xzz\n\t/a", "0x1ffffffffffffffff\n\t/a"])
    func whatIsNoReportGivesNothing(text: String) {
        var report = SessionReport()
        report.mergeConnections(text, server: "s")
        report.mergeDump(text)
        report.mergeWatches(bySession: text)
        #expect(report.sessions.isEmpty)
    }

    @Test func percentilesAndBucketsCoverAllSamples() {
        var samples = LatencySamples()
        for millis in [4, 1, 3, 2] { samples.add(.milliseconds(millis)) }
        #expect(samples.percentile(0) == 1)
        #expect(samples.percentile(0.5) == 2)
        #expect(samples.percentile(1) == 4)
        #expect(samples.average == 2.5)
        #expect(samples.buckets.map(\.count) == [1, 1, 2])
        #expect(LatencyResult.text(1.5) == "1.500")
    }

    @Test(arguments: [
        ("http://zk1:9090", "http://zk1:9090/commands"), ("zk1", "http://zk1:8080/commands"),
        ("http://[::1]:1/x/", "http://[::1]:1/x"), ("http://[::1]", "http://[::1]:8080/commands"),
    ])
    func adminURLsAreRead(text: String, full: String) throws {
        #expect(try AdminURL(text).description == full)
    }

    @Test(arguments: ["https://zk1", "http://", "http://zk1:0", "http://zk1:x", "http://zk1:80/\r\nX"])
    func otherURLsAreRefused(text: String) {
        #expect(throws: UsageError.self) { try AdminURL(text) }
    }
}
