import Foundation
import NIOCore
import Support
import Testing
import ZKCore
import ZKWire

@testable import ZKServer

/// Clients that send faster than the disk syncs are made to wait on their sockets, not in the server's memory.
@Suite("Back-pressure", .timeLimit(.minutes(10)))
struct BackPressureTests {
    private static func outstanding(_ server: EmbeddedServer) throws -> Int {
        let client = try RawClient(port: server.port)
        try client.send(Array("srvr".utf8))
        let text = String(decoding: try client.receiveAll(), as: UTF8.self)
        let line = text.split(separator: "\n").first { $0.hasPrefix("Outstanding: ") }
        return line.flatMap { Int($0.dropFirst("Outstanding: ".count)) } ?? -1
    }

    @Test func aSlowDiskMakesClientsWait() async throws {
        let directory = try TemporaryDirectory()
        let disk = HeldSyncs()
        var configuration = ServerConfiguration()
        configuration.dataDirectory = directory.path("data")
        configuration.fileSystem = disk.fileSystem
        configuration.outstandingRequestsMax = 50
        // Nothing is heard of a client that is made to wait.
        configuration.sessionTimeoutMillisMax = 3_600_000
        let server = try await EmbeddedServer.start(configuration)
        let client = try RawClient(port: server.port)
        try client.connect(timeoutMillis: 3_600_000)
        try client.ask(Requests.create(1, "/a"))
        disk.hold()
        let count: Int32 = 4_000
        let data = [UInt8](repeating: 7, count: 1000)
        // More than the buffers of the sockets take: a thread of its own is held up by them.
        // It sends while the test receives, which share nothing.
        nonisolated(unsafe) let sending = client
        let sender = Thread {
            for xid in 0..<count { try? sending.send(Requests.setData(xid, "/a", data)) }
        }
        sender.start()
        var most = 0
        try await eventually(within: .seconds(120), "requests in the pipeline") {
            most = max(most, try Self.outstanding(server))
            return most > 50
        }
        // Longer than all of them would need.
        for _ in 0..<30 {
            try await Task.sleep(for: .milliseconds(20))
            most = max(most, try Self.outstanding(server))
        }
        // What one read brings on top of the limit: 256 KiB.
        #expect(most <= 50 + 262_144 / 1000 + 1, "\(most)")
        disk.release()
        for xid in 0..<count { #expect(try client.receive().header.xid == xid) }
        try await server.shutdown()
    }

    @Test func nothingIsSeenBeforeItsSync() async throws {
        let directory = try TemporaryDirectory()
        let disk = HeldSyncs()
        var configuration = ServerConfiguration()
        configuration.dataDirectory = directory.path("data")
        configuration.fileSystem = disk.fileSystem
        let server = try await EmbeddedServer.start(configuration)
        let (writer, reader) = (try RawClient(port: server.port), try RawClient(port: server.port))
        try writer.connect()
        try reader.connect()
        try writer.ask(Requests.create(1, "/a", data: [1]))
        try reader.ask(Requests.getData(1, "/a", watch: true))
        disk.hold()
        try writer.send(Requests.setData(2, "/a", [2]))
        try await eventually(within: .seconds(60), "the write in the pipeline") { try Self.outstanding(server) == 1 }
        for xid in 2..<50 as Range<Int32> {
            let reply = try reader.ask(Requests.getData(xid, "/a"))
            #expect(reply.header.xid == xid, "no event before the sync")
            #expect(try reply.decode(GetDataResponse.self).data == [1])
        }
        // Not even its own session reads past it: the read waits.
        try writer.send(Requests.getData(3, "/a"))
        disk.release()
        #expect(try writer.receive().header.xid == 2)
        #expect(try writer.receive().decode(GetDataResponse.self).data == [2])
        #expect(try reader.receive().header.xid == XID.notification)
        try await server.shutdown()
    }
}
