import NIOCore
import Support
import Testing
import ZKCore
import ZKWire

@testable import ZKServer

/// The requests of a session keep their order, over however many connections they come.
@Suite("The order of a session across connections", .timeLimit(.minutes(10)))
struct SessionOrderTests {
    private static func start(
        _ directory: TemporaryDirectory, _ disk: HeldSyncs
    ) async throws -> EmbeddedServer {
        var configuration = ServerConfiguration()
        configuration.dataDirectory = directory.path("data")
        configuration.fileSystem = disk.fileSystem
        return try await EmbeddedServer.start(configuration)
    }

    private static func number(_ name: String, of server: EmbeddedServer) throws -> Int {
        let client = try RawClient(port: server.port)
        try client.send(Array("srvr".utf8))
        let text = String(decoding: try client.receiveAll(), as: UTF8.self)
        let line = text.split(separator: "\n").first { $0.hasPrefix("\(name): ") }
        return line.flatMap { Int($0.dropFirst(name.count + 2)) } ?? -1
    }

    /// - Parameter lost: connections that take the session over and are lost in between.
    @Test(arguments: [true, false], [0, 2])
    func aNewConnectionSeesTheWritesOfTheOneBefore(closesFirst: Bool, lost: Int) async throws {
        let directory = try TemporaryDirectory()
        let disk = HeldSyncs()
        let server = try await Self.start(directory, disk)
        let first = try RawClient(port: server.port)
        let session = try first.connect()
        disk.hold()
        try first.send(Requests.create(1, "/a") + Requests.create(2, "/b"))
        try await eventually("the writes are in the pipeline") { try Self.number("Outstanding", of: server) == 2 }
        if closesFirst { first.close() }
        let connect = Requests.connect(sessionID: session.sessionID, password: session.password ?? [])
        for _ in 0..<lost {
            let connection = try RawClient(port: server.port)
            try connection.send(connect + Requests.exists(3, "/b"))
            connection.close()
        }
        let second = try RawClient(port: server.port)
        try second.send(connect + Requests.exists(4, "/b") + Requests.create(5, "/c"))
        try await eventually("its own connection comes to the server") {
            try Self.number("Connections", of: server) >= 2
        }
        disk.release()
        let frame = try #require(try second.receiveFrame())
        var body = ByteBuffer(bytes: frame.dropFirst(4))
        #expect(try ConnectResponse(decoding: &body).sessionID == session.sessionID)
        let read = try second.receive()
        #expect(read.header.xid == 4)
        #expect(read.header.err == .ok, "the session sees its own write")
        #expect(try second.receive().header.err == .ok)
        try await server.shutdown()
    }

    /// Without a disk that holds anything back: over and over, as a client whose connection is cut would do it.
    @Test func reconnectingOverAndOverNeverGoesBack() async throws {
        let directory = try TemporaryDirectory()
        let server = try await Self.start(directory, HeldSyncs())
        var client = try RawClient(port: server.port)
        let session = try client.connect()
        for round in 0..<200 as Range<Int32> {
            let path = UString("/n\(round)")
            try client.send(Requests.request(1, .ping) + Requests.create(2, path))
            // The reply to the ping: the create behind it was read with it.
            _ = try client.receive()
            let next = try RawClient(port: server.port)
            try next.connect(sessionID: session.sessionID, password: session.password ?? [])
            #expect(try next.ask(Requests.exists(3, path)).header.err == .ok, "round \(round)")
            client = next
        }
        try await server.shutdown()
    }
}
