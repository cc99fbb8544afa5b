import Foundation
import NIOCore
import Support
import Synchronization
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

    /// Reads behind a write wait in the server as far as there is room for them and their answers, and beyond that in
    /// the socket of their client.
    @Test(arguments: ["large answers", "large requests", "children"])
    func readsBehindAWriteTakeSoMuchMemory(kind: String) async throws {
        let directory = try TemporaryDirectory()
        let disk = HeldSyncs()
        var configuration = ServerConfiguration()
        configuration.dataDirectory = directory.path("data")
        configuration.fileSystem = disk.fileSystem
        configuration.sessionTimeoutMillisMax = 3_600_000
        configuration.connectionsPerAddressMax = 0
        let server = try await EmbeddedServer.start(configuration)
        let setup = try RawClient(port: server.port)
        try setup.connect()
        try setup.ask(Requests.create(1, "/small"))
        try setup.ask(Requests.create(2, "/big", data: [UInt8](repeating: 7, count: 600_000)))
        for number in 0..<20 as Range<Int32> {
            let name = String(repeating: "n", count: 50_000)
            try setup.ask(Requests.create(number, UString("/big/\(number)\(name)")))
        }
        let long = UString("/" + String(repeating: "x", count: 900_000))
        let count: Int32 = kind == "large requests" ? 40 : 255
        let read: @Sendable (Int32) -> [UInt8] =
            switch kind {
            case "large answers": { Requests.getData($0, "/big") }
            case "children": { Requests.getChildren($0, "/big") }
            default: { Requests.exists($0, long) }
            }
        let clients = try (0..<6).map { _ in try RawClient(port: server.port) }
        for client in clients { try client.connect(timeoutMillis: 3_600_000) }
        disk.hold()
        // They send while the test receives, which share nothing.
        nonisolated(unsafe) let sending = clients
        let senders = sending.indices.map { index in
            Thread {
                try? sending[index].send(Requests.setData(1, "/small", [1]))
                for xid in 2..<(2 + count) { try? sending[index].send(read(xid)) }
                try? sending[index].send(Requests.setData(2 + count, "/small", [1]))
            }
        }
        for sender in senders { sender.start() }
        try await eventually("some of them wait") { server.core.deferredBudget.bytes > 500_000 }
        var most = 0
        for _ in 0..<20 {
            try await Task.sleep(for: .milliseconds(10))
            most = max(most, server.core.deferredBudget.bytes)
        }
        #expect(most <= 6 * 2 << 20, "\(most)")
        disk.release()
        for client in clients {
            for xid in 1...(2 + count) { #expect(try client.receive().header.xid == xid) }
        }
        #expect(server.core.deferredBudget.bytes == 0)
        try await server.shutdown()
    }

    /// One large write of each of many clients fills the log as well as many of one.
    @Test func manyClientsFillTheLogOnlySoFar() async throws {
        let directory = try TemporaryDirectory()
        let disk = HeldSyncs()
        var configuration = ServerConfiguration()
        configuration.dataDirectory = directory.path("data")
        configuration.fileSystem = disk.fileSystem
        configuration.sessionTimeoutMillisMax = 3_600_000
        configuration.connectionsPerAddressMax = 0
        let server = try await EmbeddedServer.start(configuration)
        let setup = try RawClient(port: server.port)
        try setup.connect(timeoutMillis: 3_600_000)
        try setup.ask(Requests.create(1, "/a"))
        var clients: [RawClient] = []
        for _ in 0..<100 {
            let client = try RawClient(port: server.port)
            try client.connect(timeoutMillis: 3_600_000)
            clients.append(client)
        }
        disk.hold()
        let data = [UInt8](repeating: 7, count: 1_000_000)
        for client in clients { try client.send(Requests.setData(1, "/a", data)) }
        // One that leaves is no longer waited for.
        clients.removeLast().close()
        try await eventually(within: .seconds(60), "some wait") {
            server.core.lock.withShared { server.core.waitingForLog.count > 20 }
        }
        #expect(server.core.lock.withShared { server.core.unwrittenBytes } < ServerCore.unwrittenBytesMax + 2_000_000)
        disk.release()
        for client in clients { #expect(try client.receive().header.err == .ok) }
        #expect(server.core.lock.withShared { server.core.waitingForLog.isEmpty })
        try await server.shutdown()
    }

    @Test func aBudgetIsSharedAndGivenBack() {
        let budget = ByteBudget(1000)
        var (first, second) = (DeferredRequests(budget: budget), DeferredRequests(budget: budget))
        let frame = [UInt8](repeating: 0, count: 8)
        frame.withUnsafeBytes { first.append($0, afterWrites: 1, cost: 700, startedNanos: 0) }
        #expect(second.hasRoom(for: 300))
        #expect(!second.hasRoom(for: 301))
        frame.withUnsafeBytes { second.append($0, afterWrites: 1, cost: 300, startedNanos: 0) }
        #expect(first.popFirst(writesApplied: 0) == nil)
        #expect(first.popFirst(writesApplied: 1)?.frame.count == 8)
        #expect(budget.bytes == 300)
        second.removeAll()
        #expect(budget.bytes == 0)
    }

    /// Each leaves little unread; together it is too much.
    @Test func whoLeavesMostUnreadGoes() async throws {
        var configuration = ServerConfiguration()
        configuration.connectionsPerAddressMax = 0
        configuration.unreadReplyBytesAllMax = 3 << 20
        let server = try await EmbeddedServer.start(configuration)
        let writer = try RawClient(port: server.port)
        try writer.connect()
        try writer.ask(Requests.create(1, "/big", data: [UInt8](repeating: 7, count: 900_000)))
        var idlers: [RawClient] = []
        try await eventually("some are cut off") {
            let idler = try RawClient(port: server.port)
            try idler.connect()
            let frames = (0..<10 as Range<Int32>).flatMap { Requests.getData($0, "/big") }
            try? idler.send(frames)
            idlers.append(idler)
            return server.core.lock.withShared { server.core.openConnections.count } < idlers.count
        }
        #expect(server.core.unreadBytes.load(ordering: .relaxed) < 8 << 20)
        #expect(try writer.ask(Requests.exists(2, "/big")).header.err == .ok)
        for idler in idlers { idler.close() }
        try await eventually("nothing is unread") { server.core.unreadBytes.load(ordering: .relaxed) == 0 }
        try await server.shutdown()
    }

    /// The text of a four-letter word is sent and then the connection closed; until then it counts like replies.
    @Test func longTextsThatNobodyTakesGoToo() async throws {
        var configuration = ServerConfiguration()
        configuration.connectionsPerAddressMax = 0
        configuration.unreadReplyBytesAllMax = 10 << 20
        configuration.fourLetterWords = ["*"]
        let server = try await EmbeddedServer.start(configuration)
        let watcher = try RawClient(port: server.port)
        try watcher.connect()
        for number in 0..<8 as Range<Int32> {
            let path = UString("/\(number)" + String(repeating: "w", count: 900_000))
            try watcher.ask(Requests.exists(number, path, watch: true))
        }
        var idlers: [RawClient] = []
        try await eventually("some are cut off") {
            let idler = try RawClient(port: server.port)
            try idler.send(Array("wchp".utf8))
            idlers.append(idler)
            return server.core.lock.withShared { server.core.openConnections.count } < idlers.count
        }
        #expect(server.core.unreadBytes.load(ordering: .relaxed) < 30 << 20)
        for idler in idlers { idler.close() }
        try await eventually("nothing is unread") { server.core.unreadBytes.load(ordering: .relaxed) == 0 }
        try await server.shutdown()
    }
}
