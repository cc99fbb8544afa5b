import NIOCore
import Support
import Synchronization
import Testing
import ZKCore
import ZKWire

@testable import ZKClient

/// No watch is lost by a reply that comes late, by an error, or by a second loss of the connection.
@Suite(.timeLimit(.minutes(1)))
struct WatchFaultTests {
    /// The reply of the removal and that of the new watch come in one read, so that the caller of the removal goes on
    /// after the new watch is armed.
    @Test func aRemovalDoesNotTakeAWatchThatIsArmedBehindIt() async throws {
        let server = try await ScriptedServer.start()
        let client = try makeClient(server)
        let (connection, _) = try await server.acceptSession()
        try await client.waitUntilConnected()
        for round in 0..<100 {
            let first = Task.immediate { try await client.getDataAndWatch("/a").watch }
            connection.reply(to: try await connection.request(.getData), GetDataResponse(data: [], stat: Stat()))
            let old = try await first.value
            let removal = Task.immediate { try await client.removeWatches("/a", type: .data) }
            let second = Task.immediate { try await client.getDataAndWatch("/a").watch }
            let requests = [try await connection.request(.removeWatches), try await connection.request(.getData)]
            var bytes = ByteBuffer()
            for request in requests {
                Frame.write(to: &bytes) {
                    ReplyHeader(xid: request.header.xid, zxid: Zxid(rawValue: 1), err: .ok).encode(into: &$0)
                    if request.header.type == .getData {
                        GetDataResponse(data: [], stat: Stat()).encode(into: &$0)
                    }
                }
            }
            connection.sendBytes(bytes)
            try await removal.value
            let new = try await second.value
            #expect(try await old.event().type == .dataWatchRemoved)
            connection.notify(.nodeDataChanged, "/a")
            #expect(try await new.event().type == .nodeDataChanged, "round \(round)")
        }
        await client.close()
    }

    @Test(arguments: [ErrorCode.throttledOp, .unimplemented, .systemError])
    func anErrorInPlaceOfArmedWatchesBeginsTheConnectionAgain(error: ErrorCode) async throws {
        let server = try await ScriptedServer.start()
        let client = try makeClient(server)
        let (first, _) = try await server.acceptSession()
        let armed = Task.immediate {
            (try await client.existsAndWatch("/a").watch, try await client.watch("/b", mode: .persistent))
        }
        first.reply(to: try await first.request(.exists), zxid: 5, error: .noNode)
        first.reply(to: try await first.request(.addWatch), zxid: 5)
        let (watch, sequence) = try await armed.value
        await first.close()
        let (second, _) = try await server.acceptSession()
        second.reply(to: try await second.request(.setWatches2), zxid: 9, error: error)
        let (third, connect) = try await server.acceptSession()
        #expect(connect.lastZxidSeen == Zxid(rawValue: 5))
        let rearming = try await third.request(.setWatches2)
        #expect(try rearming.decode(SetWatches2.self).relativeZxid == Zxid(rawValue: 5))
        third.notify(.nodeCreated, "/a")
        third.reply(to: rearming, zxid: 9)
        #expect(try await watch.event().type == .nodeCreated)
        var iterator = sequence.makeAsyncIterator()
        #expect(try await iterator.next() == .resumed, "said once, when it is true")
        third.notify(.nodeCreated, "/b")
        guard case .event? = try await iterator.next() else {
            Issue.record("no event")
            return
        }
        await client.close()
    }

    /// Watches that come in several batches are armed from one zxid on until the last batch is answered.
    @Test func aSecondLossWhileWatchesAreArmedLosesNoEvent() async throws {
        let server = try await ScriptedServer.start()
        let client = try makeClient(server)
        let (first, _) = try await server.acceptSession()
        let name = String(repeating: "x", count: 4000)
        let paths = (0..<70).map { ZnodePath(unchecked: "/\(name)\($0)") }
        let serving = Task {
            await first.serve { request in
                request.header.type == .getData ? GetDataResponse(data: [], stat: Stat()) : nil
            }
        }
        var watches: [OneShotWatch] = []
        for path in paths { watches.append(try await client.getDataAndWatch(path).watch) }
        await first.close()
        serving.cancel()
        let (second, _) = try await server.acceptSession()
        let batch = try await second.request(.setWatches)
        #expect(try batch.decode(SetWatches.self).dataWatches.count < paths.count)
        second.reply(to: batch, zxid: 9)
        // What comes behind the reply has been seen when the connection ends.
        let ping = Task.immediate { try await client.addAuth(AuthInfo(scheme: "ip", credentials: [])) }
        while true {
            let request = try await second.request()
            guard request.header.type == .auth else { continue }
            second.reply(to: request, zxid: 0)
            break
        }
        try await ping.value
        await second.close()
        let (third, _) = try await server.acceptSession()
        _ = try await third.request(.auth)
        for _ in 0..<3 {
            let request = try await third.request(.setWatches)
            #expect(try request.decode(SetWatches.self).relativeZxid == Zxid(rawValue: 1))
        }
        await client.close()
    }

    /// Whoever is told by the closure hears of all events in their order, and before a value that was read behind them.
    @Test func eventsAreHeardInTheOrderOfTheSession() async throws {
        let server = try await ScriptedServer.start()
        let client = try makeClient(server)
        let heard = Mutex<[String]>([])
        let (connection, _) = try await server.acceptSession()
        let serving = Task {
            await connection.serve { request in
                guard request.header.type == .getData else { return nil }
                if !(try request.decode(GetDataRequest.self).watch) {
                    for number in 0..<200 { connection.notify(.nodeDataChanged, UString("/n\(number)")) }
                }
                return GetDataResponse(data: [], stat: Stat())
            }
        }
        var watches: [OneShotWatch] = []
        for number in 0..<200 {
            watches.append(
                try await client.getDataAndWatch(ZnodePath(unchecked: "/n\(number)")) { event in
                    heard.withLock { $0.append(event.path.string) }
                }.watch)
        }
        _ = try await client.getData("/value")
        #expect(heard.withLock { $0 } == (0..<200).map { "/n\($0)" })
        await client.close()
        serving.cancel()
        _ = watches
    }

    @Test func aSequenceKeepsItsClient() async throws {
        let server = try await ScriptedServer.start()
        let task = Task { () async throws -> WatchNotification? in
            let sequence = try await makeClient(server).watch("/a", mode: .persistent)
            var iterator = sequence.makeAsyncIterator()
            return try await iterator.next()
        }
        let (connection, _) = try await server.acceptSession()
        connection.reply(to: try await connection.request(.addWatch))
        connection.notify(.nodeCreated, "/a")
        guard case .event(let event)? = try await task.value else {
            Issue.record("ended without a word")
            return
        }
        #expect(event.type == .nodeCreated)
        let request = try await connection.request()
        #expect([.removeWatches, .closeSession].contains(request.header.type), "nobody reads any more")
    }
}
