import Support
import Testing
import ZKCore
import ZKServer
import ZKWire

@Suite("Connections and sessions", .timeLimit(.minutes(10)))
struct ConnectionTests {
    /// With and without a log: without one, writes are applied at once and nothing waits.
    private static func start(
        inMemory: Bool, _ directory: TemporaryDirectory, _ change: (inout ServerConfiguration) -> Void = { _ in }
    ) async throws -> EmbeddedServer {
        var configuration = ServerConfiguration()
        configuration.connectionsPerAddressMax = 0
        if !inMemory { configuration.dataDirectory = directory.path("data") }
        change(&configuration)
        return try await EmbeddedServer.start(configuration)
    }

    @Test(arguments: [true, false])
    func readsSeeTheWritesBeforeThemAndNoneAfter(inMemory: Bool) async throws {
        let directory = try TemporaryDirectory()
        let server = try await Self.start(inMemory: inMemory, directory)
        let client = try RawClient(port: server.port)
        try client.connect()
        try client.ask(Requests.create(0, "/a", data: [255]))
        for round in 0..<20 as Range<UInt8> {
            var frames: [UInt8] = []
            for number in 0..<10 as Range<UInt8> {
                frames += Requests.setData(Int32(number) * 3, "/a", [round, number])
                frames += Requests.getData(Int32(number) * 3 + 1, "/a")
                frames += Requests.request(XID.ping, .ping)
            }
            try client.send(frames)
            for number in 0..<10 as Range<UInt8> {
                let written = try client.receive()
                #expect(written.header.xid == Int32(number) * 3)
                let read = try client.receive()
                #expect(read.header.xid == Int32(number) * 3 + 1)
                #expect(read.header.zxid == written.header.zxid)
                #expect(try read.decode(GetDataResponse.self).data == [round, number])
                #expect(try client.receive().header.xid == XID.ping)
            }
        }
        try await server.shutdown()
    }

    @Test(arguments: [true, false])
    func eventsComeBeforeTheReplyToTheirOwnWrite(inMemory: Bool) async throws {
        let directory = try TemporaryDirectory()
        let server = try await Self.start(inMemory: inMemory, directory)
        let client = try RawClient(port: server.port)
        try client.connect()
        try client.send(
            Requests.create(1, "/a") + Requests.getData(2, "/a", watch: true) + Requests.setData(3, "/a", [1])
                + Requests.exists(4, "/b", watch: true) + Requests.create(5, "/b"))
        let xids = try (0..<7).map { _ in try client.receive().header.xid }
        #expect(xids == [1, 2, -1, 3, 4, -1, 5])
        try await server.shutdown()
    }

    @Test(arguments: [true, false])
    func nothingBehindACloseIsDone(inMemory: Bool) async throws {
        let directory = try TemporaryDirectory()
        let server = try await Self.start(inMemory: inMemory, directory)
        let client = try RawClient(port: server.port)
        try client.connect()
        try client.send(
            Requests.create(1, "/e", mode: .ephemeral) + Requests.request(2, .closeSession)
                + Requests.create(3, "/late")
                + Requests.exists(4, "/"))
        #expect(try client.receive().header.xid == 1)
        #expect(try client.receive().header.xid == 2)
        for xid in 3...4 as ClosedRange<Int32> {
            let refused = try client.receive().header
            #expect(refused.xid == xid && refused.err == .sessionExpired)
        }
        #expect(try client.receiveFrame() == nil)
        let other = try RawClient(port: server.port)
        try other.connect()
        #expect(try other.ask(Requests.exists(1, "/late")).header.err == .noNode)
        #expect(try other.ask(Requests.exists(2, "/e")).header.err == .noNode)
        try await server.shutdown()
    }

    @Test func requestsBehindTheConnectFrameWaitForTheSession() async throws {
        let directory = try TemporaryDirectory()
        let server = try await Self.start(inMemory: false, directory)
        let client = try RawClient(port: server.port)
        try client.send(Requests.connect() + Requests.create(1, "/a") + Requests.exists(2, "/a"))
        #expect(try client.receiveFrame()?.count == 41)
        #expect(try client.receive().header.xid == 1)
        #expect(try client.receive().header.err == .ok)
        try await server.shutdown()
    }

    @Test func aStrangerDoesNotDisturbTheOwnerOfASession() async throws {
        let directory = try TemporaryDirectory()
        let server = try await Self.start(inMemory: true, directory)
        let owner = try RawClient(port: server.port)
        let session = try owner.connect()
        let stranger = try RawClient(port: server.port)
        let refused = try stranger.connect(sessionID: session.sessionID, password: [UInt8](repeating: 1, count: 16))
        #expect(refused.timeoutMillis == 0)
        #expect(try stranger.receiveFrame() == nil)
        #expect(try owner.ask(Requests.exists(1, "/")).header.err == .ok)
        let heir = try RawClient(port: server.port)
        #expect(try heir.connect(sessionID: session.sessionID, password: session.password ?? []).timeoutMillis > 0)
        #expect(try owner.receiveFrame() == nil)
        try await server.shutdown()
    }

    @Test func deleteContainerIsForThoseWhoMayDelete() async throws {
        let directory = try TemporaryDirectory()
        let server = try await Self.start(inMemory: true, directory)
        let client = try RawClient(port: server.port)
        try client.connect()
        try client.ask(
            Requests.create(1, "/p", acl: [ACL(perms: [.read, .create], identity: .anyone)]))
        try client.ask(Requests.create(2, "/p/x"))
        let reply = try client.ask(Requests.request(3, .deleteContainer, DeleteContainerRequest(path: "/p/x")))
        #expect(reply.header.err == .noAuth)
        try await server.shutdown()
    }

    @Test func anAddressGetsSoManyConnections() async throws {
        let directory = try TemporaryDirectory()
        let server = try await Self.start(inMemory: true, directory) { $0.connectionsPerAddressMax = 2 }
        let first = try RawClient(port: server.port)
        try first.connect()
        let second = try RawClient(port: server.port)
        try second.connect()
        let third = try RawClient(port: server.port)
        #expect(try third.receiveFrame() == nil)
        first.close()
        try await eventually("room for a new connection") {
            let next = try RawClient(port: server.port)
            try? next.send(Requests.connect())
            return try next.receiveFrame() != nil
        }
        try await server.shutdown()
    }

    @Test func aSilentConnectionIsClosed() async throws {
        let directory = try TemporaryDirectory()
        let server = try await Self.start(inMemory: true, directory) { $0.handshakeMillisMax = 50 }
        let silent = try RawClient(port: server.port)
        #expect(try silent.receiveFrame() == nil)
        let session = try RawClient(port: server.port)
        try session.connect()
        try await Task.sleep(for: .milliseconds(100))
        #expect(try session.ask(Requests.exists(1, "/")).header.err == .ok)
        try await server.shutdown()
    }

    /// A client that watches and never reads must not fill the memory.
    @Test func aClientThatDoesNotReadIsCutOff() async throws {
        let directory = try TemporaryDirectory()
        let server = try await Self.start(inMemory: true, directory) { $0.unreadReplyBytesMax = 1 << 20 }
        let writer = try RawClient(port: server.port)
        try writer.connect()
        let path = UString("/" + String(repeating: "n", count: 60_000))
        try writer.ask(Requests.create(1, path))
        let deaf = try RawClient(port: server.port)
        try deaf.connect()
        try deaf.ask(Requests.request(1, .addWatch, AddWatchRequest(path: path, mode: 0)))
        for round in 0..<400 {
            try writer.ask(Requests.setData(Int32(round), path, []))
        }
        let rest = try deaf.receiveAll()
        #expect(rest.count < 400 * 60_000)
        #expect(try writer.ask(Requests.exists(1, path)).header.err == .ok)
        try await server.shutdown()
    }

    @Test func everyTruncatedRequestIsAMarshallingError() async throws {
        let directory = try TemporaryDirectory()
        let server = try await Self.start(inMemory: true, directory)
        let frames = [
            Requests.create(1, "/t", data: [1, 2]), Requests.setData(1, "/t", [1]), Requests.delete(1, "/t"),
            Requests.getData(1, "/t"), Requests.getChildren(1, "/"),
            Requests.request(1, .setACL, SetACLRequest(path: "/t", acl: .openUnsafe, version: -1)),
            Requests.request(
                1, .multi, MultiRequest(ops: [.setData(SetDataRequest(path: "/t", data: [1], version: -1))])),
            Requests.request(
                1, .setWatches2,
                SetWatches2(
                    relativeZxid: .zero, dataWatches: ["/a"], existWatches: ["/b"], childWatches: ["/c"],
                    persistentWatches: ["/d"], persistentRecursiveWatches: ["/e"])),
        ]
        for frame in frames {
            let client = try RawClient(port: server.port)
            try client.connect()
            for length in 8..<(frame.count - 4) {
                let cut = withUnsafeBytes(of: Int32(length).bigEndian) { Array($0) } + frame[4..<(4 + length)]
                try client.send(cut)
                #expect(try client.receive().header.err == .marshallingError)
            }
        }
        let client = try RawClient(port: server.port)
        try client.connect()
        #expect(try client.ask(Requests.exists(1, "/")).header.err == .ok)
        try await server.shutdown()
    }
}
