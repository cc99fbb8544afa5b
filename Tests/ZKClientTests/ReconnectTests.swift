import NIOCore
import Support
import Testing
import ZKCore
import ZKWire

@testable import ZKClient

func makeClient(
    _ server: ScriptedServer, chroot: String = "", _ configure: (inout ClientConfiguration) -> Void = { _ in }
) throws -> ZooKeeperClient {
    var configuration = ClientConfiguration(connectString: try ConnectString(server.connectString + chroot))
    configuration.closeTimeout = .milliseconds(50)
    configure(&configuration)
    return ZooKeeperClient(configuration: configuration)
}

/// What becomes of calls, watches and identities when a connection is lost.
@Suite(.timeLimit(.minutes(1)))
struct ReconnectTests {
    @Test func aReadThatWasCutOffIsSentAgain() async throws {
        let server = try await ScriptedServer.start()
        let client = try makeClient(server)
        let data = Task.immediate { try await client.getData("/a").data }
        let (first, _) = try await server.acceptSession()
        _ = try await first.request(.getData)
        await first.close()
        let (second, connect) = try await server.acceptSession()
        #expect(connect.sessionID == 7)
        let request = try await second.request(.getData)
        second.reply(to: request, GetDataResponse(data: [1], stat: Stat()))
        #expect(try await data.value == [1])
        await client.close()
    }

    @Test func aWriteThatWasCutOffIsNotSentAgain() async throws {
        let server = try await ScriptedServer.start()
        let client = try makeClient(server)
        let creation = Task.immediate { try await client.create("/a") as ZnodePath }
        let (first, _) = try await server.acceptSession()
        _ = try await first.request(.create)
        await first.close()
        let error = await #expect(throws: ZooKeeperError.self) { try await creation.value }
        #expect(error?.code == .connectionLoss)
        #expect(error?.isOutcomeUnknown == true)
        #expect(error?.message.contains("read before you try again") == true)
        // What is made meanwhile waits, and is the first that the next server gets.
        let later = Task.immediate { try await client.delete("/b") }
        let (second, _) = try await server.acceptSession()
        let request = try await second.request(.delete)
        second.reply(to: request)
        try await later.value
        await client.close()
    }

    /// Servers before 3.6 refuse a multiRead and close the connection.
    @Test func readsOfAnOldServerAreMadeOneByOne() async throws {
        let server = try await ScriptedServer.start()
        let client = try makeClient(server)
        let both = Task.immediate { try await client.readEach([.getData("/a"), .getChildren("/b")]) }
        let others = Task.immediate { try await client.readEach([.getData("/none"), .getData("/a")]) }
        let (first, _) = try await server.acceptSession()
        let request = try await first.request(.multiRead)
        _ = try await first.request(.multiRead)
        first.reply(to: request, error: .unimplemented)
        await first.close()
        let (second, _) = try await server.acceptSession()
        for _ in 0..<4 {
            let request = try await second.request()
            switch request.header.type {
            case .getData:
                let path = try request.decode(GetDataRequest.self).path
                if path == "/none" {
                    second.reply(to: request, error: .noNode)
                } else {
                    second.reply(to: request, GetDataResponse(data: [1], stat: Stat()))
                }
            case .getChildren: second.reply(to: request, GetChildrenResponse(children: ["c"]))
            case let type: Issue.record("\(type)")
            }
        }
        #expect(try await both.value.map { try $0.get() } == [.data([1], Stat()), .children(["c"])])
        let answers = try await others.value
        #expect(throws: ZooKeeperError.self) { try answers[0].get() }
        #expect(try answers[1].get() == .data([1], Stat()))
        // From now on it is not even tried.
        let later = Task.immediate { try await client.readEach([.getChildren("/a"), .getChildren("/b")]) }
        for _ in 0..<2 {
            second.reply(to: try await second.request(.getChildren), GetChildrenResponse(children: []))
        }
        #expect(try await later.value.map { try $0.get() } == [.children([]), .children([])])
        await client.close()
    }

    @Test func aReadThatKillsItsServersEnds() async throws {
        let server = try await ScriptedServer.start()
        let client = try makeClient(server)
        let data = Task.immediate { try await client.getData("/a").data }
        for _ in 0...3 {
            let (connection, _) = try await server.acceptSession()
            _ = try await connection.request(.getData)
            await connection.close()
        }
        let error = await #expect(throws: ZooKeeperError.self) { try await data.value }
        #expect(error?.code == .connectionLoss && error?.isOutcomeUnknown == false)
        await client.close()
    }

    @Test func identitiesComeFirstThenWatchesThenCalls() async throws {
        let server = try await ScriptedServer.start()
        let client = try makeClient(server) { $0.auth = [.digest(user: "joe", password: "secret")] }
        let (first, _) = try await server.acceptSession()
        let auth = try await first.request(.auth)
        #expect(auth.header.xid == XID.auth)
        #expect(try auth.decode(AuthPacket.self).auth == Array("joe:secret".utf8))
        first.reply(to: auth, zxid: 0)

        let added = Task.immediate { try await client.addAuth(AuthInfo(scheme: "ip", credentials: [])) }
        first.reply(to: try await first.request(.auth), zxid: 0)
        try await added.value
        let armed = Task.immediate { try await client.getDataAndWatch("/a") }
        first.reply(to: try await first.request(.getData), zxid: 9, GetDataResponse(data: [], stat: Stat()))
        let watch = try await armed.value.watch
        let armedSequence = Task.immediate { try await client.watch("/p", mode: .persistentRecursive) }
        first.reply(to: try await first.request(.addWatch), zxid: 9, ErrorResponse(err: .ok))
        let sequence = try await armedSequence.value
        await first.close()
        let call = Task.immediate { try await client.exists("/x") }

        let (second, connect) = try await server.acceptSession()
        #expect(connect.lastZxidSeen == Zxid(rawValue: 9))
        for scheme in ["digest", "ip"] as [UString] {
            let request = try await second.request(.auth)
            #expect(try request.decode(AuthPacket.self).scheme == scheme)
            second.reply(to: request, zxid: 0)
        }
        let rearming = try await second.request(.setWatches2)
        #expect(rearming.header.xid == XID.setWatches)
        let record = try rearming.decode(SetWatches2.self)
        #expect(record.relativeZxid == Zxid(rawValue: 9))
        #expect(record.dataWatches == ["/a"] && record.persistentRecursiveWatches == ["/p"])
        #expect(record.existWatches.isEmpty && record.childWatches.isEmpty && record.persistentWatches.isEmpty)
        second.notify(.nodeDataChanged, "/a", zxid: -1)
        second.reply(to: rearming, zxid: 12)
        let event = try await watch.event()
        #expect(event.type == .nodeDataChanged && event.state == .syncConnected)
        #expect(event.path == "/a" && event.zxid == nil)
        var iterator = sequence.makeAsyncIterator()
        #expect(try await iterator.next() == .resumed)
        second.reply(to: try await second.request(.exists), zxid: 12, error: .noNode)
        #expect(try await call.value == nil)
        await client.close()
    }

    @Test func manyWatchesAreArmedInSeveralRequests() async throws {
        let server = try await ScriptedServer.start()
        let client = try makeClient(server)
        let (first, _) = try await server.acceptSession()
        let stem = "/" + String(repeating: "x", count: 50_000)
        var watches: [OneShotWatch] = []
        for index in 0..<7 {
            let armed = Task.immediate { try await client.existsAndWatch(ZnodePath(unchecked: "\(stem)\(index)")) }
            first.reply(to: try await first.request(.exists), error: .noNode)
            watches.append(try await armed.value.watch)
        }
        await first.close()
        let (second, _) = try await server.acceptSession()
        var counts: [Int] = []
        for _ in 0..<3 {
            let request = try await second.request(.setWatches)
            counts.append(try request.decode(SetWatches.self).existWatches.count)
        }
        #expect(counts == [3, 3, 1])
        #expect(watches.count == 7)
        await client.close()
    }

    @Test func aRefusedIdentityEndsTheSession() async throws {
        let server = try await ScriptedServer.start()
        let client = try makeClient(server)
        let events = client.sessionEvents()
        let (connection, _) = try await server.acceptSession()
        let read = Task.immediate { try await client.getData("/a").data }
        _ = try await connection.request(.getData)
        let added = Task.immediate { try await client.addAuth(AuthInfo(scheme: "nonsense", credentials: [1])) }
        connection.reply(to: try await connection.request(.auth), error: .authFailed)
        let error = await #expect(throws: ZooKeeperError.self) { try await added.value }
        #expect(error?.code == .authFailed)
        let readError = await #expect(throws: ZooKeeperError.self) { try await read.value }
        #expect(readError?.code == .authFailed)
        #expect(client.state == .authFailed)
        var seen: [SessionEvent] = []
        for await event in events { seen.append(event) }
        #expect(seen.last == .authFailed)
    }

    @Test func anExpiredSessionEndsEverything() async throws {
        let server = try await ScriptedServer.start()
        let client = try makeClient(server)
        let events = client.sessionEvents()
        let (first, _) = try await server.acceptSession()
        let armed = Task.immediate { try await client.getDataAndWatch("/a") }
        first.reply(to: try await first.request(.getData), GetDataResponse(data: [], stat: Stat()))
        let watch = try await armed.value.watch
        let armedSequence = Task.immediate { try await client.watch("/p", mode: .persistent) }
        first.reply(to: try await first.request(.addWatch), ErrorResponse(err: .ok))
        var iterator = try await armedSequence.value.makeAsyncIterator()
        await first.close()
        let call = Task.immediate { try await client.exists("/x") }
        let second = try await server.accept()
        try await second.greet(sessionID: 0, timeoutMillis: 0)
        let watchError = await #expect(throws: ZooKeeperError.self) { try await watch.event() }
        #expect(watchError?.code == .sessionExpired)
        let callError = await #expect(throws: ZooKeeperError.self) { try await call.value }
        #expect(callError?.code == .sessionExpired)
        await #expect(throws: ZooKeeperError.self) { try await iterator.next() }
        #expect(try await iterator.next() == nil)
        #expect(client.state == .expired)
        let lateError = await #expect(throws: ZooKeeperError.self) { try await client.exists("/x") }
        #expect(
            lateError?.message.contains("make a new client") == true
                || lateError?.message.contains("Make a new client") == true)
        var names: [String] = []
        for await event in events {
            switch event {
            case .connected: names.append("connected")
            case .disconnected: names.append("disconnected")
            default: names.append("\(event)")
            }
        }
        #expect(names.suffix(2) == ["disconnected", "expired"])
        await client.close()
    }

    @Test(arguments: [9, 0, -3] as [Int32])
    func aReplyOutOfOrderDropsTheConnection(xid: Int32) async throws {
        let server = try await ScriptedServer.start()
        let client = try makeClient(server)
        let stat = Task.immediate { try await client.exists("/a") }
        let (first, _) = try await server.acceptSession()
        _ = try await first.request(.exists)
        first.send { ReplyHeader(xid: xid, zxid: .zero, err: .ok).encode(into: &$0) }
        let (second, _) = try await server.acceptSession()
        second.reply(to: try await second.request(.exists), error: .noNode)
        #expect(try await stat.value == nil)
        await client.close()
    }

    @Test func aFrameAboveTheLimitDropsTheConnection() async throws {
        let server = try await ScriptedServer.start()
        let client = try makeClient(server) { $0.frameBytesMax = 1000 }
        let events = client.sessionEvents()
        let (first, _) = try await server.acceptSession()
        first.sendBytes(ByteBuffer(integer: Int32(1001)))
        for await event in events {
            guard case .disconnected(let reason) = event else { continue }
            #expect(reason == "a frame of 1001 bytes is above the limit of 1000 (jute.maxbuffer)")
            break
        }
        await client.close()
    }

    @Test func aReplyAboveTheLimitFailsItsOwnCallOnly() async throws {
        let server = try await ScriptedServer.start()
        let client = try makeClient(server) { $0.frameBytesMax = 1000 }
        let data = Task.immediate { try await client.getData("/a") }
        let created = Task.immediate { try await client.create("/b") }
        let (connection, _) = try await server.acceptSession()
        let long = try await connection.request(.getData)
        var frame = ByteBuffer()
        Frame.write(to: &frame) {
            ReplyHeader(xid: long.header.xid, zxid: Zxid(rawValue: 7), err: .ok).encode(into: &$0)
            $0.writeRepeatingByte(0xFF, count: 100_000)
        }
        // In pieces: the header does not come at once, and the rest comes together with the next reply.
        for length in [3, 9, 5, 50_000] {
            if let piece = frame.readSlice(length: length) { connection.sendBytes(piece) }
        }
        let create = try await connection.request(.create)
        connection.sendBytes(frame)
        connection.reply(to: create, CreateResponse(path: "/b"))
        let error = await #expect(throws: ZooKeeperError.self) { try await data.value }
        #expect(error?.isReplyTooLong == true && error?.isOutcomeUnknown == false)
        #expect(error?.message.contains("100016 bytes") == true, "\(error?.message ?? "")")
        #expect(try await created.value == "/b")
        await client.close()
    }

    @Test func aServerThatClosesDuringTheHandshakeIsExplained() async throws {
        let server = try await ScriptedServer.start()
        let client = try makeClient(server)
        let connection = try await server.accept()
        _ = try await connection.frame()
        await connection.close()
        try await eventually("the failure is known") { client.hostFailures[0].failure != nil }
        #expect(client.hostFailures[0].failure?.contains("may have no quorum") == true)
        let error = await #expect(throws: ZooKeeperError.self) {
            try await client.waitUntilConnected(timeout: .milliseconds(1))
        }
        #expect(
            error?.message.contains("\(server.connectString): the server closed") == true, "\(error?.message ?? "")")
        await client.close()
    }
}
