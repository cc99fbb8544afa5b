import ShellLanguage
import Support
import Testing
import ZKClient
import ZKCore
import ZKServer
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

    // MARK: Where the words are not allowed

    private func check(_ endpoint: StatusProbe.Endpoint, adminPort: Int) async throws {
        var configuration = ClientConfiguration(
            connectString: try ConnectString("\(endpoint.host):\(endpoint.port)"))
        configuration.sessionTimeout = .seconds(30)
        let client = ZooKeeperClient(configuration: configuration)
        try await client.create("/e", mode: .ephemeral)
        let watch = try await client.existsAndWatch("/watched").watch
        let (report, gaps) = await SessionReport.gather(
            from: [endpoint], adminPort: adminPort, timeout: .seconds(30))
        #expect(gaps.isEmpty)
        let session = try #require(report.byID[client.session.id])
        #expect(session.ephemerals == ["/e"] && session.watches == ["/watched"])
        #expect(session.connection?.client.hasPrefix("127.0.0.1:") == true, "\(session)")
        let (other, _) = await SessionReport.gather(
            from: [StatusProbe.Endpoint(host: "127.0.0.1", port: 1)], adminPort: adminPort, timeout: .seconds(30))
        #expect(other.byID.isEmpty, "the admin server of another server tells nothing of this one")
        withExtendedLifetime(watch) {}
        await client.close()
    }

    @Test func ourAdminServerStandsIn() async throws {
        var configuration = ServerConfiguration()
        configuration.admin.isEnabled = true
        configuration.admin.port = 0
        configuration.fourLetterWords = ["srvr"]
        let server = try await EmbeddedServer.start(configuration)
        try await check(
            StatusProbe.Endpoint(host: "127.0.0.1", port: server.port), adminPort: try #require(server.adminPort))
        try await server.shutdown()
    }

    /// The members that Apache's `ConsCommand`, `DumpCommand` and `WatchCommand` give.
    @Test func apachesAdminServerIsRead() throws {
        var report = SessionReport()
        report.merge(
            connections: try JSONValue(
                parsing: Array(
                    #"""
                    {"connections":[{"remote_socket_address":"/127.0.0.1:4144","outstanding_requests":2,
                    "packets_received":7,"packets_sent":6,"session_id":16,"last_operation":"PING",
                    "established":1795245835770,"session_timeout":30000}],"secure_connections":[],"error":null}
                    """#.utf8)),
            dump: try JSONValue(
                parsing: Array(
                    #"{"expiry_time_to_session_ids":{"9":[16,17]},"session_id_to_ephemeral_paths":{"17":["/e"]}}"#.utf8)
            ),
            watches: try JSONValue(parsing: Array(#"{"session_id_to_watched_paths":{"16":["/w"]}}"#.utf8)),
            server: "s:1")
        #expect(report.sessions.map(\.id) == [16, 17])
        #expect(report.sessions[0].connection?.client == "127.0.0.1:4144")
        #expect(report.sessions[0].connection?.queued == 2 && report.sessions[0].watches == ["/w"])
        #expect(report.sessions[1].ephemerals == ["/e"] && report.sessions[1].connection == nil)
    }

    @Test func apachesKeyIsNamed() async throws {
        let server = try await ApacheServer.start(
            ApacheOptions(configuration: ["4lw.commands.whitelist": "srvr"]))
        let (_, gaps) = await SessionReport.gather(
            from: [StatusProbe.Endpoint(host: "127.0.0.1", port: Int(server.port))], adminPort: nil,
            timeout: .seconds(30))
        #expect(gaps.count == 1 && gaps[0].contains("add cons,dump,wchc to 4lw.commands.whitelist"), "\(gaps)")
        #expect(!gaps[0].contains("--4lw"))
    }
}
