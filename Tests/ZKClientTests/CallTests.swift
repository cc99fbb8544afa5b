import NIOCore
import Support
import Synchronization
import Testing
import ZKCore
import ZKWire

@testable import ZKClient

/// What calls promise on a connection that holds.
@Suite(.timeLimit(.minutes(1)))
struct CallTests {
    @Test func callsArriveInTheirOrderWithXidsFromOne() async throws {
        let server = try await ScriptedServer.start()
        let client = try makeClient(server)
        let calls = (0..<200).map { index in
            // Started one by one: each task runs up to its first wait before the next begins.
            Task.immediate { try await client.delete(ZnodePath(unchecked: "/n\(index)")) }
        }
        let (connection, _) = try await server.acceptSession()
        for index in 0..<200 {
            let request = try await connection.request(.delete)
            #expect(request.header.xid == Int32(index + 1))
            #expect(try request.decode(DeleteRequest.self).path.string == "/n\(index)")
            connection.reply(to: request, zxid: Int64(index + 1))
        }
        for call in calls { try await call.value }
        await client.close()
    }

    @Test func callsBeyondTheLimitWaitTheirTurn() async throws {
        let server = try await ScriptedServer.start()
        let client = try makeClient(server) { $0.outstandingRequestsMax = 4 }
        let (connection, _) = try await server.acceptSession()
        let calls = (0..<10).map { index in
            Task.immediate { try await client.delete(ZnodePath(unchecked: "/n\(index)")) }
        }
        var open: [ScriptedConnection.Request] = []
        for _ in 0..<4 { open.append(try await connection.request(.delete)) }
        #expect(client.driver.submissions.withLock { $0.overflow.count } == 6)
        for index in 4..<10 {
            connection.reply(to: open.removeFirst())
            let request = try await connection.request(.delete)
            #expect(try request.decode(DeleteRequest.self).path.string == "/n\(index)")
            #expect(client.driver.submissions.withLock { $0.overflow.count } == 9 - index)
            open.append(request)
        }
        for request in open { connection.reply(to: request) }
        for call in calls { try await call.value }
        await client.close()
    }

    @Test func largeCallsAreNotAllEncodedAtOnce() async throws {
        let server = try await ScriptedServer.start()
        let client = try makeClient(server)
        let data = [UInt8](repeating: 1, count: 1 << 20)
        let calls = (0..<20).map { index in
            Task.immediate { try await client.setData(ZnodePath(unchecked: "/n\(index)"), data: data) }
        }
        #expect(client.driver.submissions.withLock { $0.queued.count } == 4)
        #expect(client.driver.submissions.withLock { $0.overflow.count } == 16)
        let (connection, _) = try await server.acceptSession()
        for index in 0..<20 {
            let request = try await connection.request(.setData)
            #expect(try request.decode(SetDataRequest.self).path.string == "/n\(index)")
            connection.reply(to: request, SetDataResponse(stat: Stat()))
        }
        for call in calls { _ = try await call.value }
        await client.close()
    }

    @Test func aCancelledCallDisturbsNobody() async throws {
        let server = try await ScriptedServer.start()
        let client = try makeClient(server)
        let (connection, _) = try await server.acceptSession()
        let first = Task.immediate { try await client.getData("/a").data }
        let second = Task.immediate { try await client.getData("/b").data }
        let requests = [try await connection.request(.getData), try await connection.request(.getData)]
        first.cancel()
        await #expect(throws: CancellationError.self) { try await first.value }
        for request in requests {
            let path = try request.decode(GetDataRequest.self).path
            connection.reply(to: request, GetDataResponse(data: path.bytes, stat: Stat()))
        }
        #expect(try await second.value == Array("/b".utf8))
        await client.close()
    }

    @Test func aCallCancelledBeforeItIsSentIsNotSent() async throws {
        let server = try await ScriptedServer.start()
        let client = try makeClient(server)
        let calls = ["/a", "/b", "/c"].map { path in
            Task.immediate { try await client.delete(ZnodePath(unchecked: path)) }
        }
        calls[1].cancel()
        await #expect(throws: CancellationError.self) { try await calls[1].value }
        let (connection, _) = try await server.acceptSession()
        for path in ["/a", "/c"] as [UString] {
            let request = try await connection.request(.delete)
            #expect(try request.decode(DeleteRequest.self).path == path)
            connection.reply(to: request)
        }
        try await calls[0].value
        try await calls[2].value
        let cancelled = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await client.delete("/d")
        }
        await #expect(throws: CancellationError.self) { try await cancelled.value }
        #expect(client.driver.submissions.withLock { $0.outstanding } == 0)
        await client.close()
    }

    @Test func aCallTimesOutAndItsNeighbourDoesNot() async throws {
        let server = try await ScriptedServer.start()
        let client = try makeClient(server) { $0.requestTimeout = .milliseconds(700) }
        let (connection, _) = try await server.acceptSession()
        let write = Task.immediate { try await client.delete("/a") }
        let request = try await connection.request(.delete)
        let error = await #expect(throws: ZooKeeperError.self) { try await write.value }
        #expect(error?.code == .operationTimeout && error?.isOutcomeUnknown == true)
        let stat = Task.immediate { try await client.exists("/b") }
        let second = try await connection.request(.exists)
        connection.reply(to: request)
        connection.reply(to: second, error: .noNode)
        #expect(try await stat.value == nil)
        await client.close()
    }

    @Test func aCallWithoutAConnectionTimesOutWithTheReason() async throws {
        let port = try Loopback.freePort()
        var configuration = ClientConfiguration(connectString: try ConnectString("127.0.0.1:\(port)"))
        configuration.requestTimeout = .seconds(1)
        let client = ZooKeeperClient(configuration: configuration)
        let error = await #expect(throws: ZooKeeperError.self) { try await client.delete("/a") }
        #expect(error?.code == .operationTimeout && error?.isOutcomeUnknown == false)
        #expect(error?.message.contains("127.0.0.1:\(port): connection refused") == true, "\(error?.message ?? "")")
        await client.close()
    }

    @Test func aMillionChildrenAreAList() async throws {
        let server = try await ScriptedServer.start()
        let client = try makeClient(server)
        let (connection, _) = try await server.acceptSession()
        let call = Task.immediate { try await client.getChildren("/") }
        let request = try await connection.request(.getChildren)
        let names = (0..<1_000_000).map { UString("member-\($0)") }
        connection.reply(to: request, GetChildrenResponse(children: names))
        let children = try await call.value
        #expect(children.count == names.count)
        #expect(children.last == "member-999999")
        await client.close()
    }

    @Test func anEventComesBeforeTheReplyBehindIt() async throws {
        let server = try await ScriptedServer.start()
        let client = try makeClient(server)
        let (connection, _) = try await server.acceptSession()
        let armed = Task.immediate { try await client.watch("/a", mode: .persistent) }
        connection.reply(to: try await connection.request(.addWatch), ErrorResponse(err: .ok))
        let sequence = try await armed.value
        let data = Task.immediate { try await client.getData("/a").data }
        let request = try await connection.request(.getData)
        for index in 1...3 { connection.notify(.nodeDataChanged, "/a", zxid: Int64(index)) }
        connection.reply(to: request, zxid: 3, GetDataResponse(data: [], stat: Stat()))
        _ = try await data.value
        // All three are there already, so that reading them waits for nothing.
        var iterator = sequence.makeAsyncIterator()
        for index in 1...3 {
            guard case .event(let event)? = try await iterator.next() else {
                Issue.record("no event")
                return
            }
            #expect(event.type == .nodeDataChanged && event.state == .syncConnected)
            #expect(event.path == "/a" && event.zxid == Zxid(rawValue: Int64(index)))
        }
        await client.close()
    }

    @Test func lettingASequenceGoRemovesItsWatch() async throws {
        let server = try await ScriptedServer.start()
        let client = try makeClient(server, chroot: "/c")
        let (connection, _) = try await server.acceptSession()
        let answer = Task {
            connection.reply(to: try await connection.request(.addWatch), ErrorResponse(err: .ok))
        }
        var sequence: WatchSequence? = try await client.watch("/a", mode: .persistentRecursive)
        try await answer.value
        #expect(client.armedWatches.count == 1)
        _ = sequence
        sequence = nil
        let removal = try await connection.request(.removeWatches)
        #expect(
            try removal.decode(RemoveWatchesRequest.self)
                == RemoveWatchesRequest(path: "/c/a", type: WatcherType.persistentRecursive.rawValue))
        #expect(client.armedWatches.isEmpty)
        // An older server does not know the type.
        connection.reply(to: removal, error: .marshallingError)
        let second = try await connection.request(.removeWatches)
        #expect(try second.decode(RemoveWatchesRequest.self).type == WatcherType.any.rawValue)
        await client.close()
    }

    @Test func removingWatchesTellsThoseWhoWait() async throws {
        let server = try await ScriptedServer.start()
        let client = try makeClient(server)
        let (connection, _) = try await server.acceptSession()
        let armed = Task.immediate { try await client.getDataAndWatch("/a") }
        connection.reply(to: try await connection.request(.getData), GetDataResponse(data: [], stat: Stat()))
        let watch = try await armed.value.watch
        let armedSequence = Task.immediate { try await client.watch("/a", mode: .persistent) }
        connection.reply(to: try await connection.request(.addWatch), ErrorResponse(err: .ok))
        var iterator = try await armedSequence.value.makeAsyncIterator()
        let removal = Task.immediate { try await client.removeWatches("/a", type: .any) }
        connection.reply(to: try await connection.request(.removeWatches))
        try await removal.value
        #expect(try await watch.event().type == .dataWatchRemoved)
        guard case .event(let event)? = try await iterator.next() else {
            Issue.record("no event")
            return
        }
        #expect(event.type == .persistentWatchRemoved)
        #expect(try await iterator.next() == nil)
        await client.close()
    }

    @Test func severalWatchesOfOneChangeGiveOneOrdinal() async throws {
        let server = try await ScriptedServer.start()
        let client = try makeClient(server)
        let (connection, _) = try await server.acceptSession()
        var watches: [OneShotWatch] = []
        for _ in 0..<2 {
            let armed = Task.immediate { try await client.getDataAndWatch("/a") }
            connection.reply(to: try await connection.request(.getData), GetDataResponse(data: [], stat: Stat()))
            watches.append(try await armed.value.watch)
        }
        let armed = Task.immediate { try await client.watch("/", mode: .persistentRecursive) }
        connection.reply(to: try await connection.request(.addWatch), ErrorResponse(err: .ok))
        var iterator = try await armed.value.makeAsyncIterator()
        for _ in 0..<2 { connection.notify(.nodeDataChanged, "/a", zxid: -1) }
        guard case .event(let first)? = try await iterator.next(), case .event(let second)? = try await iterator.next()
        else {
            Issue.record("no event")
            return
        }
        for watch in watches { #expect(try await watch.event() == first) }
        #expect(second.ordinal > first.ordinal, "the same change again")
        await client.close()
    }

    @Test func aFullSequenceSaysSo() async throws {
        let sink = WatchSink(serverPath: "/a", mode: .persistent, elementsMax: 2)
        let event = WatchNotification.event(
            WatchEvent(type: .nodeCreated, state: .syncConnected, path: "/a", zxid: nil, ordinal: 1))
        for _ in 0..<3 { sink.push(event) }
        #expect(try await sink.next() == .resumed)
        sink.push(event)
        #expect(try await sink.next() == event)
    }

    @Test func closingWaitsForTheAnswerAndOnlySoLong() async throws {
        let server = try await ScriptedServer.start()
        let client = try makeClient(server) { $0.closeTimeout = .seconds(10) }
        let (connection, _) = try await server.acceptSession()
        let closing = Task.immediate { await client.close() }
        let request = try await connection.request(.closeSession)
        #expect(client.state == .connected)
        connection.reply(to: request)
        await closing.value
        #expect(client.state == .closed)
        let error = await #expect(throws: ZooKeeperError.self) { try await client.exists("/a") }
        #expect(error?.message == "exists /a: the client is closed (Client closed, -116).")

        let silent = try makeClient(server) { $0.closeTimeout = .milliseconds(100) }
        _ = try await server.acceptSession()
        try await silent.waitUntilConnected(timeout: .seconds(10))
        let start = ContinuousClock.now
        await silent.close()
        #expect(ContinuousClock.now - start < .seconds(5))
    }

    @Test func closingWithoutWaitingStillSendsCloseSession() async throws {
        let server = try await ScriptedServer.start()
        let client = try makeClient(server)
        let (connection, _) = try await server.acceptSession()
        try await client.waitUntilConnected(timeout: .seconds(10))
        await client.closeWithoutWaiting()
        #expect(client.state == .closed)
        _ = try await connection.request(.closeSession)
        #expect(try await connection.frame() == nil, "the client has ended its side")
    }

    @Test func anAbandonedClientClosesItsSession() async throws {
        let server = try await ScriptedServer.start()
        var client: ZooKeeperClient? = try makeClient(server)
        let (connection, _) = try await server.acceptSession()
        try await client?.waitUntilConnected(timeout: .seconds(10))
        client = nil
        _ = try await connection.request(.closeSession)
    }

    @Test func traceHasNoCredentials() async throws {
        let frames = Mailbox<ClientTrace.Frame>()
        let server = try await ScriptedServer.start()
        let client = try makeClient(server) {
            $0.auth = [.digest(user: "joe", password: "secret")]
            $0.trace = ClientTrace { frames.put($0) }
        }
        let (connection, _) = try await server.acceptSession()
        connection.reply(to: try await connection.request(.auth), zxid: 0)
        let stat = Task.immediate { try await client.exists("/a") }
        connection.reply(to: try await connection.request(.exists), zxid: 5, error: .noNode)
        _ = try await stat.value
        var seen: [String] = []
        for _ in 0..<6 {
            let frame = try #require(try await frames.take("a frame"))
            seen.append("\(frame.direction) \(frame.operation) \(frame.path ?? "-") \(frame.bytes)")
            #expect(!"\(frame)".contains("secret"))
        }
        #expect(
            seen.sorted()
                == [
                    "received auth - 20", "received connect - 41", "received exists /a 20", "sent auth - 40",
                    "sent connect - 49", "sent exists /a 19",
                ])
        await client.close()
    }
}
