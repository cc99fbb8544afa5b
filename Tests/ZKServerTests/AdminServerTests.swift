import Foundation
import Support
import Testing
import ZKCore
import ZKServer
import ZKWire

@Suite("The admin server", .timeLimit(.minutes(10)))
struct AdminServerTests {
    private static func get(_ path: String, port: Int, headers: String = "") throws -> (head: String, body: String) {
        let client = try RawClient(port: port)
        try client.send(Array("GET \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\(headers)\r\n".utf8))
        let text = String(decoding: try client.receiveAll(), as: UTF8.self)
        let parts = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        return (parts[0], parts.count > 1 ? parts[1] : "")
    }

    /// The names of all members, in their order, with those of objects in them.
    private static func names(_ json: String) -> [String] {
        json.matches(of: /"([a-z_0-9]+)" :/).map { String($0.output.1) }
    }

    private static func start() async throws -> EmbeddedServer {
        var configuration = ServerConfiguration()
        configuration.admin.isEnabled = true
        configuration.admin.port = 0
        configuration.superDigest = "super:c9T5yFYCHEoR/xZ3KuYTF5tNWis="
        return try await EmbeddedServer.start(configuration)
    }

    @Test(arguments: [
        "configuration", "connection_stat_reset", "dirs", "get_trace_mask", "initial_configuration", "is_read_only",
        "last_snapshot", "leader", "observers", "ruok", "server_stats", "stat_reset", "voting_view", "watch_summary",
        "zabstate", "environment",
    ])
    func answersWithApachesMembers(command: String) async throws {
        let server = try await Self.start()
        let port = try #require(server.adminPort)
        let (head, body) = try Self.get("/commands/\(command)", port: port)
        let golden = String(decoding: try Fixtures.bytes("fourletter/admin/\(command).json"), as: UTF8.self)
        #expect(head.hasPrefix("HTTP/1.1 200 "))
        #expect(Self.names(body) == Self.names(golden))
        #expect(try JSONSerialization.jsonObject(with: Data(body.utf8)) is [String: Any])
        try await server.shutdown()
    }

    @Test func listsConnectionsAndWatches() async throws {
        let server = try await Self.start()
        let port = try #require(server.adminPort)
        let client = try RawClient(port: server.port)
        let session = try client.connect().sessionID
        try client.ask(Requests.exists(1, "/none", watch: true))
        let connections = try Self.get("/commands/cons", port: port).body
        let golden = String(decoding: try Fixtures.bytes("fourletter/admin/connections.json"), as: UTF8.self)
        #expect(Set(Self.names(connections)) == Set(Self.names(golden)))
        #expect(connections.contains("\"session_id\" : \(session)"))
        let watches = try Self.get("/commands/watches", port: port).body
        #expect(watches.contains("\"\(session)\" : [ \"/none\" ]"))
        try await server.shutdown()
    }

    @Test(arguments: [true, false])
    func streamsASnapshot(streaming: Bool) async throws {
        let directory = try TemporaryDirectory()
        var configuration = ServerConfiguration()
        configuration.admin.isEnabled = true
        configuration.admin.port = 0
        configuration.dataDirectory = directory.path("data")
        let server = try await EmbeddedServer.start(configuration)
        let port = try #require(server.adminPort)
        let client = try RawClient(port: server.port)
        try client.connect()
        for number in 0..<200 as Range<Int32> {
            let path = UString("/n\(number)")
            try client.ask(Requests.create(number, path, data: [UInt8](repeating: 65, count: 10_000)))
        }
        let asker = try RawClient(port: port)
        let query = streaming ? "" : "?streaming=false"
        let request =
            "GET /commands/snapshot\(query) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            + "Authorization: digest any:body\r\n\r\n"
        try asker.send(Array(request.utf8))
        let answer = try asker.receiveAll()
        let headEnd = try #require(answer.firstRange(of: Array("\r\n\r\n".utf8)))
        let head = String(decoding: answer[..<headEnd.lowerBound], as: UTF8.self)
        #expect(head.hasPrefix("HTTP/1.1 200 "), "\(head)")
        #expect(head.contains("last_zxid: 0xc9"), "\(head)")
        let body = Array(answer[headEnd.upperBound...])
        let file = [UInt8](try Data(contentsOf: directory.url("data/version-2/snapshot.c9")))
        #expect(head.contains("snapshot_size: \(file.count)"), "\(head)")
        if streaming {
            #expect(body == file, "the snapshot as it stands on the disk")
        } else {
            #expect(String(decoding: body, as: UTF8.self).contains("\"command\" : \"snapshot\""))
        }
        try await server.shutdown()
    }

    @Test func saysWhatItDoesNotKnowOrAllow() async throws {
        let server = try await Self.start()
        let port = try #require(server.adminPort)
        let unknown = try Self.get("/commands/unknown_command", port: port)
        #expect(unknown.head.hasPrefix("HTTP/1.1 200 "))
        #expect(
            unknown.body
                == "{\n  \"command\" : \"unknown_command\",\n  \"error\" : \"Unknown command: unknown_command\"\n}")
        #expect(try Self.get("/commands/snapshot", port: port).head.hasPrefix("HTTP/1.1 401 "))
        let wrong = try Self.get("/commands/restore", port: port, headers: "Authorization: digest super:no\r\n")
        // The root is open to all: any identity passes, as in Apache; restoring is not done by this server.
        #expect(wrong.head.hasPrefix("HTTP/1.1 503 "))
        try await server.shutdown()
    }

    @Test func givesMetricsToPrometheus() async throws {
        let server = try await Self.start()
        let port = try #require(server.adminPort)
        let (head, body) = try Self.get("/metrics", port: port)
        #expect(head.contains("text/plain; version=0.0.4"))
        #expect(body.contains("# TYPE znode_count gauge\nznode_count 5.0\n"))
        #expect(body.contains("readlatency_count"))
        try await server.shutdown()
    }

    @Test func isOffUnlessAskedFor() async throws {
        let server = try await EmbeddedServer.start(ServerConfiguration())
        #expect(server.adminPort == nil)
        try await server.shutdown()
    }
}
