import Foundation
import NIOCore
import Support
import Testing
import ZKCore
import ZKServer
import ZKWire

/// Clients that do not mean well. A trap would end the whole test process.
@Suite("Hostile clients", .timeLimit(.minutes(10)))
struct HostileClientTests {
    private func startServer(
        _ change: (inout ServerConfiguration) -> Void = { _ in }
    ) async throws -> EmbeddedServer {
        var configuration = ServerConfiguration()
        configuration.connectionsPerAddressMax = 0
        configuration.superDigest = "super:c9T5yFYCHEoR/xZ3KuYTF5tNWis="
        change(&configuration)
        return try await EmbeddedServer.start(configuration)
    }

    /// Others are served as if nothing were.
    private func expectServing(_ server: EmbeddedServer) throws {
        let client = try RawClient(port: server.port)
        try client.connect()
        #expect(try client.ask(Requests.getData(1, "/")).header.err == .ok)
        client.close()
    }

    private static func bytes(_ count: Int, _ random: inout SeededGenerator) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    @Test func garbageInsteadOfAConnectRequest() async throws {
        let server = try await startServer()
        var random = SeededGenerator(seed: 1)
        for round in 0..<300 {
            let client = try RawClient(port: server.port)
            var bytes = Self.bytes(Int.random(in: 1...200, using: &random), &random)
            // Half of them with a length that is right.
            if round % 2 == 0 { bytes = Requests.frame { $0.writeBytes(bytes) } }
            try? client.send(bytes)
            client.close()
        }
        try expectServing(server)
        try await server.shutdown()
    }

    @Test(arguments: [Int32.max, -1, .min, 0xfffff + 1])
    func lengthsThatCannotBeEndTheConnection(length: Int32) async throws {
        let server = try await startServer()
        let frame = withUnsafeBytes(of: length.bigEndian) { Array($0) } + [0, 0, 0, 0]
        let stranger = try RawClient(port: server.port)
        try stranger.send(frame)
        #expect(try stranger.receiveAll().isEmpty)
        let client = try RawClient(port: server.port)
        try client.connect()
        try client.send(frame)
        #expect(try client.receiveFrame() == nil)
        try expectServing(server)
        try await server.shutdown()
    }

    /// Each type of request with a body of noise, and right requests with some bytes changed.
    @Test func garbageInRequests() async throws {
        let server = try await startServer()
        var random = SeededGenerator(seed: 2)
        let types =
            (-12...25).map { OpCode(rawValue: $0) } + (99...110).map { OpCode(rawValue: $0) }
        let right = ACLOperation.all(on: "/t", acl: .openUnsafe).map(\.frame)
        for round in 0..<600 {
            let client = try RawClient(port: server.port)
            try client.connect()
            var frames = Requests.create(1, "/t")
            for _ in 0..<20 {
                if round % 2 == 0, let type = types.randomElement(using: &random) {
                    let body = Self.bytes(Int.random(in: 0...60, using: &random), &random)
                    frames += Requests.frame { buffer in
                        RequestHeader(xid: 1, type: type).encode(into: &buffer)
                        buffer.writeBytes(body)
                    }
                } else if var frame = right.randomElement(using: &random) {
                    for _ in 0..<Int.random(in: 1...4, using: &random) {
                        frame[Int.random(in: 12..<max(13, frame.count), using: &random) % frame.count] =
                            [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &random) ?? 0
                    }
                    frames += frame
                }
            }
            try client.send(frames)
            // Some of it is read, so that the server gets to the end of what is left.
            _ = try? client.receiveFrame()
            client.close()
        }
        try expectServing(server)
        try await server.shutdown()
    }

    /// A count in a request is no reason to set memory aside.
    @Test(arguments: [
        (OpCode.setWatches, 8), (.setWatches2, 8), (.setACL, 0), (.create, 0), (.getData, 0), (.multi, 0), (.auth, 4),
        (.sasl, 0), (.reconfig, 0),
    ])
    func countsBeyondTheFrameAreRefused(type: OpCode, zeros: Int) async throws {
        let server = try await startServer()
        let client = try RawClient(port: server.port)
        try client.connect()
        let before = residentBytes()
        for _ in 0..<200 {
            let client = try RawClient(port: server.port)
            try client.connect()
            try client.send(
                Requests.frame { buffer in
                    RequestHeader(xid: 1, type: type).encode(into: &buffer)
                    buffer.writeRepeatingByte(0, count: zeros)
                    for _ in 0..<6 { buffer.writeInteger(Int32.max - 7) }
                })
            _ = try client.receiveFrame()
            client.close()
        }
        // Other tests run in this process; the counts ask for 16 GiB each.
        #expect(residentBytes() - before < 1 << 30)
        try expectServing(server)
        try await server.shutdown()
    }

    @Test func aHandshakeThatDoesNotEndIsEnded() async throws {
        let server = try await startServer { $0.handshakeMillisMax = 300 }
        let request = Requests.connect()
        let clients = try (0..<40).map { count in
            let client = try RawClient(port: server.port)
            try client.send(Array(request.prefix(count)))
            return client
        }
        try expectServing(server)
        for client in clients { #expect(try client.receiveAll().isEmpty) }
        try await server.shutdown()
    }

    @Test func halfAFrameDoesNotKeepASessionAlive() async throws {
        let server = try await startServer {
            $0.tickMillis = 50
            $0.sessionTimeoutMillisMin = 100
        }
        let client = try RawClient(port: server.port)
        try client.connect(timeoutMillis: 100)
        try client.send([0, 0, 0, 100, 1, 2, 3])
        #expect(try client.receiveFrame() == nil)
        try await server.shutdown()
    }

    /// Requests of 30 bytes for replies of 512 KiB, and nobody who reads them.
    @Test(arguments: [false, true])
    func repliesThatNobodyReadsDoNotFillTheMemory(behindAWrite: Bool) async throws {
        let directory = try TemporaryDirectory()
        let server = try await startServer { $0.dataDirectory = directory.path }
        let client = try RawClient(port: server.port)
        try client.connect()
        try client.ask(Requests.create(1, "/big", data: [UInt8](repeating: 7, count: 512 << 10)))
        let before = residentBytes()
        var frames = behindAWrite ? Requests.create(2, "/other") : []
        for number in 0..<4000 as Range<Int32> { frames += Requests.getData(10 + number, "/big") }
        try client.send(frames)
        try expectServing(server)
        #expect(residentBytes() - before < 700 << 20, "\((residentBytes() - before) >> 20) MiB")
        if !behindAWrite {
            // Who reads after all gets everything, in order.
            for number in 0..<1000 as Range<Int32> { #expect(try client.receive().header.xid == 10 + number) }
        }
        client.close()
        try expectServing(server)
        try await server.shutdown()
    }

    /// One request for more than 4 GiB.
    @Test func aMultiReadIsNotAnsweredBeyondMeasure() async throws {
        let server = try await startServer { $0.unreadReplyBytesMax = 32 << 20 }
        let client = try RawClient(port: server.port)
        try client.connect()
        try client.ask(Requests.create(1, "/big", data: [UInt8](repeating: 7, count: 512 << 10)))
        let op = MultiRequest.Op.getData(GetDataRequest(path: "/big", watch: false))
        let multi = MultiRequest(ops: Array(repeating: op, count: 10_000))
        try client.send(Requests.request(2, .multiRead, multi))
        #expect(try client.receiveFrame() == nil)
        let small = try RawClient(port: server.port)
        try small.connect()
        let reply = try small.ask(
            Requests.request(1, .multiRead, MultiRequest(ops: Array(repeating: op, count: 20))))
        #expect(try reply.decode(MultiResponse.self).results.count == 20)
        try await server.shutdown()
    }

    @Test func eventsThatNobodyReadsEndTheConnection() async throws {
        let server = try await startServer { $0.unreadReplyBytesMax = 8 << 20 }
        let idler = try RawClient(port: server.port)
        try idler.connect()
        try idler.ask(Requests.request(1, .addWatch, AddWatchRequest(path: "/", mode: 1)))
        let writer = try RawClient(port: server.port)
        try writer.connect()
        let name = String(repeating: "x", count: 200_000)
        for number in 0..<200 as Range<Int32> {
            try writer.ask(Requests.create(number, UString("/\(number)\(name)")))
        }
        // What was under way still comes; then it is over, long before the 40 MB of all events.
        let received = try idler.receiveAll()
        #expect(received.count < 24 << 20, "\(received.count)")
        try expectServing(server)
        try await server.shutdown()
    }

    @Test func identitiesCannotBeAddedWithoutEnd() async throws {
        let server = try await startServer()
        let client = try RawClient(port: server.port)
        try client.connect()
        var frames: [UInt8] = []
        for number in 0..<1000 {
            frames += Requests.request(
                -4, .auth, AuthPacket(type: 0, scheme: "digest", auth: Array("user:\(number)".utf8)))
        }
        try client.send(frames)
        var codes: [ErrorCode] = []
        while let frame = try client.receiveFrame() { codes.append(try Reply(frame).header.err) }
        #expect(codes.last == .authFailed)
        #expect(codes.count < 300)
        try expectServing(server)
        try await server.shutdown()
    }

    @Test func identitiesCannotBeOfAnyLength() async throws {
        let server = try await startServer()
        let client = try RawClient(port: server.port)
        try client.connect()
        func identity(_ number: Int) -> [UInt8] {
            let name = String(repeating: "u", count: 20_000)
            return Requests.request(
                -4, .auth, AuthPacket(type: 0, scheme: "digest", auth: Array("\(number)\(name):p".utf8)))
        }
        for number in 0..<3 { #expect(try client.ask(identity(number)).header.err == .ok) }
        #expect(try client.ask(identity(3)).header.err == .authFailed)
        #expect(try client.receiveFrame() == nil)
        try expectServing(server)
        try await server.shutdown()
    }

    @Test func aGuessedSessionIsNotTakenOver() async throws {
        let server = try await startServer()
        let owner = try RawClient(port: server.port)
        let session = try owner.connect()
        for guess in [[], [0], [UInt8](repeating: 0, count: 16), [UInt8](repeating: 0, count: 100_000)] as [[UInt8]] {
            let stranger = try RawClient(port: server.port)
            #expect(try stranger.connect(sessionID: session.sessionID, password: guess).sessionID == 0)
        }
        #expect(try owner.ask(Requests.getData(1, "/")).header.err == .ok)
        try await server.shutdown()
    }

    /// The resident memory of this process, in bytes.
    private func residentBytes() -> Int {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return pages * 4096
    }
}
