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

    private static func start(
        _ change: (inout ServerConfiguration) -> Void = { _ in }
    ) async throws -> EmbeddedServer {
        var configuration = ServerConfiguration()
        configuration.admin.isEnabled = true
        configuration.admin.port = 0
        configuration.superDigest = "super:c9T5yFYCHEoR/xZ3KuYTF5tNWis="
        change(&configuration)
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

    @Test(arguments: [
        "/commands/ruok?=", "/commands/ruok?", "/commands/ruok?&", "/commands/ruok?=&=&a", "/commands/ruok?a==b&=",
        "/commands/ruok?%", "/commands/ruok?%zz=%4", "/commands/%72uok?a+b=%00", "/commands/ruok??",
        "/commands/ruok?a=1&a=2",
    ])
    func understandsAnyQuery(path: String) async throws {
        let server = try await Self.start()
        let port = try #require(server.adminPort)
        let (head, body) = try Self.get(path, port: port)
        #expect(head.hasPrefix("HTTP/1.1 200 "))
        #expect(body.contains("\"command\" : \"ruok\""))
        try await server.shutdown()
    }

    @Test func parametersAreDecoded() async throws {
        let server = try await Self.start()
        let port = try #require(server.adminPort)
        let body = try Self.get("/commands/stmk?trace%4dask=%31%32", port: port).body
        #expect(body.contains("\"tracemask\" : 12"))
        try await server.shutdown()
    }

    /// With the connection kept open: what is missing of an answer would be waited for.
    @Test(arguments: [("POST", 405, true), ("DELETE", 405, true), ("OPTIONS", 405, true), ("HEAD", 200, false)])
    func answersEveryMethodAsFarAsItGoes(method: String, status: Int, hasBody: Bool) async throws {
        let server = try await Self.start()
        let client = try RawClient(port: try #require(server.adminPort))
        let request = "\(method) /commands/ruok HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
        let last = "GET /commands/ruok HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        try client.send(Array((request + last).utf8))
        let text = String(decoding: try client.receiveAll(), as: UTF8.self)
        #expect(text.hasPrefix("HTTP/1.1 \(status) "))
        let (first, rest) = try #require(Self.cut(text, at: "\r\n\r\n"))
        #expect(first.contains("Content-Length: "))
        let length = hasBody ? first.firstMatch(of: /Content-Length: (\d+)/).flatMap { Int($0.output.1) } ?? -1 : 0
        #expect(rest.dropFirst(length).hasPrefix("HTTP/1.1 200 "), "\(text)")
        try await server.shutdown()
    }

    private static func cut(_ text: String, at mark: String) -> (String, String)? {
        guard let range = text.firstRange(of: mark) else { return nil }
        return (String(text[..<range.lowerBound]), String(text[range.upperBound...]))
    }

    /// Silence, a request a byte at a time, and answers that nobody takes.
    @Test func idleConnectionsAreClosed() async throws {
        let server = try await Self.start { $0.admin.idleMillisMax = 300 }
        let port = try #require(server.adminPort)
        let silent = try RawClient(port: port)
        #expect(try silent.receiveAll().isEmpty)
        let slow = try RawClient(port: port)
        // It sends while the test receives, which share nothing.
        nonisolated(unsafe) let sending = slow
        let drip = Thread {
            for byte in Array("GET /commands/ruok HTTP/1.1\r\nX: ".utf8) + [UInt8](repeating: 65, count: 5_000) {
                guard (try? sending.send([byte])) != nil else { return }
                usleep(5000)
            }
        }
        drip.start()
        #expect(try slow.receiveAll().isEmpty)
        let answered = try RawClient(port: port)
        try answered.send(Array("GET /commands/ruok HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
        #expect(String(decoding: try answered.receiveAll(), as: UTF8.self).contains("ruok"))
        try await server.shutdown()
    }

    @Test func hasRoomForSoManyConnections() async throws {
        let server = try await Self.start()
        let port = try #require(server.adminPort)
        var open = try (0..<16).map { _ in try RawClient(port: port) }
        try await eventually("no more than that are taken") { try RawClient(port: port).receiveAll().isEmpty }
        let request = "GET /commands/ruok HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        try open[0].send(Array(request.utf8))
        #expect(!(try open[0].receiveAll()).isEmpty)
        open.removeAll()
        try await eventually("there is room again") {
            let client = try RawClient(port: port)
            try? client.send(Array(request.utf8))
            return !(try client.receiveAll()).isEmpty
        }
        try await server.shutdown()
    }

    /// What was begun is broken off: no second head comes within the body of the first.
    @Test func aSnapshotThatGetsShorterEndsTheConnection() async throws {
        let directory = try TemporaryDirectory()
        let server = try await Self.start { $0.dataDirectory = directory.path("data") }
        let client = try RawClient(port: server.port)
        try client.connect()
        for number in 0..<40 as Range<Int32> {
            let data = [UInt8](repeating: 65, count: 1_000_000)
            try client.ask(Requests.create(number, UString("/n\(number)"), data: data))
        }
        let asker = try RawClient(port: try #require(server.adminPort))
        let request = "GET /commands/snapshot HTTP/1.1\r\nHost: localhost\r\nAuthorization: digest any:body\r\n\r\n"
        try asker.send(Array(request.utf8))
        let file = directory.path("data/version-2/snapshot.29")
        try await eventually(within: .seconds(60), "the snapshot is there") {
            FileManager.default.fileExists(atPath: file)
        }
        // The peer has taken nothing yet, and the sockets do not hold so much.
        #expect(truncate(file, 1_000_000) == 0)
        let answer = try asker.receiveAll()
        #expect(answer.count < 40_000_000)
        #expect(String(decoding: answer, as: UTF8.self).ranges(of: "HTTP/1.1 ").count == 1)
        try await server.shutdown()
    }

    @Test func isOffUnlessAskedFor() async throws {
        let server = try await EmbeddedServer.start(ServerConfiguration())
        #expect(server.adminPort == nil)
        try await server.shutdown()
    }
}
