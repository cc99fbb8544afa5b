import NIOCore
import Support
import Testing
import ZKClient
import ZKCore
import ZKWire

/// Servers that do not mean well. A trap would end the whole test process; a call that nobody ends, its time limit.
@Suite("Hostile servers", .timeLimit(.minutes(3)))
struct HostileServerTests {
    private func makeClient(
        _ server: ScriptedServer, requestTimeout: Duration = .seconds(2)
    ) throws -> ZooKeeperClient {
        var configuration = ClientConfiguration(connectString: try ConnectString(server.connectString))
        configuration.requestTimeout = requestTimeout
        configuration.frameBytesMax = 1 << 20
        return ZooKeeperClient(configuration: configuration)
    }

    /// Whether a call gave something or threw does not matter here.
    private func tryAll(_ client: ZooKeeperClient) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { _ = try? await client.getData("/a") }
            group.addTask { _ = try? await client.getChildrenAndWatch("/a") }
            group.addTask { _ = try? await client.existsAndWatch("/a") }
            group.addTask { _ = try? await client.getACL("/a") }
            group.addTask { _ = try? await client.createWithStat("/a/b", mode: .ephemeralSequential) }
            group.addTask { _ = try? await client.setData("/a", data: [1]) }
            group.addTask { _ = try? await client.multi([.create("/x"), .setData("/y", data: nil), .delete("/z")]) }
            group.addTask { _ = try? await client.multiRead([.getData("/a"), .getChildren("/b")]) }
            group.addTask { _ = try? await client.whoAmI() }
            group.addTask { _ = try? await client.getConfig() }
        }
    }

    /// Answers that are cut off, lengthened, and made up, with a reply header that is right.
    private static func body(_ random: inout SeededGenerator) -> [UInt8] {
        let count = Int.random(in: 0...120, using: &random)
        var bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
        // Counts and lengths that lie are more likely to be believed when they stand where one is expected.
        for _ in 0..<Int.random(in: 0...3, using: &random) where bytes.count >= 4 {
            let lies: [Int32] = [-1, -2, .min, .max, 0, 1, 1 << 20, 0x7fff_fff0]
            let lie = withUnsafeBytes(of: lies.randomElement(using: &random)!.bigEndian) { Array($0) }
            let offset = Int.random(in: 0...(bytes.count - 4) / 4, using: &random) * 4
            bytes.replaceSubrange(offset..<offset + 4, with: lie)
        }
        return bytes
    }

    @Test(arguments: 1...20) func answersThatAreMadeUpEndTheCallsOnly(seed: UInt64) async throws {
        let server = try await ScriptedServer.start()
        let client = try makeClient(server)
        let serving = Task {
            var random = SeededGenerator(seed: seed)
            while !Task.isCancelled {
                let (connection, _) = try await server.acceptSession()
                while let request = try? await connection.request() {
                    let body = Self.body(&random)
                    let isError = UInt8.random(in: 0...7, using: &random) == 0
                    let error = ErrorCode(rawValue: isError ? Int32(truncatingIfNeeded: random.next()) : 0)
                    if UInt8.random(in: 0...3, using: &random) == 0 {
                        connection.send { buffer in
                            ReplyHeader(xid: XID.notification, zxid: .zero, err: .ok).encode(into: &buffer)
                            buffer.writeBytes(body)
                        }
                    }
                    connection.send { buffer in
                        ReplyHeader(xid: request.header.xid, zxid: Zxid(rawValue: 1), err: error).encode(into: &buffer)
                        buffer.writeBytes(body)
                    }
                }
            }
        }
        for _ in 0..<3 { try await withTimeLimit(.seconds(60), "all calls end, seed \(seed)") { await tryAll(client) } }
        serving.cancel()
        await client.close()
    }

    /// Whole frames of garbage, in the place of the handshake as well.
    @Test(arguments: 1...20) func garbageEndsTheConnectionOnly(seed: UInt64) async throws {
        let server = try await ScriptedServer.start()
        let client = try makeClient(server)
        let serving = Task {
            var random = SeededGenerator(seed: seed)
            while !Task.isCancelled {
                let connection = try await server.accept()
                if Bool.random(using: &random) { _ = try? await connection.greet() }
                var bytes = Self.body(&random)
                if Bool.random(using: &random) { bytes = Self.framed(bytes) }
                connection.sendBytes(ByteBuffer(bytes: bytes))
                await connection.close()
            }
        }
        try await withTimeLimit(.seconds(60), "all calls end, seed \(seed)") { await tryAll(client) }
        serving.cancel()
        // The client is as good as new when a server comes that means well.
        #expect(!client.state.isConnected || client.state == .connected)
        await client.close()
    }

    private static func framed(_ bytes: [UInt8]) -> [UInt8] {
        withUnsafeBytes(of: Int32(bytes.count).bigEndian) { Array($0) } + bytes
    }

    /// No memory is set aside for what a length promises, and the next connection works.
    @Test(arguments: [Int32.max, -1, .min, (1 << 20) + 1]) func lengthsThatCannotBeEndTheConnection(
        length: Int32
    ) async throws {
        let server = try await ScriptedServer.start()
        let client = try makeClient(server, requestTimeout: .seconds(60))
        let (connection, _) = try await server.acceptSession()
        try await client.waitUntilConnected(timeout: .seconds(20))
        var buffer = ByteBuffer(integer: length)
        buffer.writeBytes([0, 0, 0, 0])
        connection.sendBytes(buffer)
        #expect(try await connection.frame() == nil, "the client closes")
        let call = Task { try await client.getData("/a") }
        let (next, _) = try await server.acceptSession()
        let request = try await next.request(.getData)
        next.reply(to: request, GetDataResponse(data: [7], stat: Stat()))
        #expect(try await call.value.data == [7])
        await client.close()
    }

    /// Replies to requests that nobody has sent, and in the wrong order.
    @Test func repliesOutOfOrderEndTheConnection() async throws {
        let server = try await ScriptedServer.start()
        let client = try makeClient(server, requestTimeout: .seconds(60))
        let (connection, _) = try await server.acceptSession()
        async let first = client.getData("/a")
        let request = try await connection.request(.getData)
        connection.send { ReplyHeader(xid: request.header.xid + 5, zxid: .zero, err: .ok).encode(into: &$0) }
        #expect(try await connection.frame() == nil, "the client closes")
        let (next, _) = try await server.acceptSession()
        next.reply(to: try await next.request(.getData), GetDataResponse(data: [8], stat: Stat()))
        #expect(try await first.data == [8], "a read is sent again")
        await client.close()
    }
}
