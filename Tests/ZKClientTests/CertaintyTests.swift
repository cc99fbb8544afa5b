import NIOCore
import Support
import Testing
import ZKCore
import ZKWire

@testable import ZKClient

/// What a client knows of its session: that it lives, that it may not, and how it ended.
@Suite(.timeLimit(.minutes(1)))
struct CertaintyTests {
    enum Host: String, CaseIterable {
        case closes, closesBeforeTheAnswer, hangs, isAway
    }

    /// A session of 900 ms; what the hosts do afterwards is no answer.
    @Test(arguments: [[Host.closes], [.closesBeforeTheAnswer], [.hangs], [.isAway], Host.allCases])
    func aSessionThatNobodyAnswersIsGivenUp(hosts: [Host]) async throws {
        var others: [ScriptedServer] = []
        for _ in hosts.dropFirst() { others.append(try await ScriptedServer.start()) }
        let first = try await ScriptedServer.start()
        let servers = [first] + others
        var configuration = ClientConfiguration(
            connectString: try ConnectString(servers.map(\.connectString).joined(separator: ",")))
        configuration.shufflesHosts = false
        let client = ZooKeeperClient(configuration: configuration)
        let (connection, _) = try await first.acceptSession(timeoutMillis: 900)
        try await client.waitUntilConnected()
        let start = ContinuousClock.now
        let tasks = zip(servers, hosts).map { server, host in
            Task {
                if host == .isAway { return try await server.stopListening() }
                while true {
                    let next = try await server.accept()
                    switch host {
                    case .closes: await next.close()
                    case .closesBeforeTheAnswer:
                        _ = try await next.frame()
                        await next.close()
                    case .hangs, .isAway: break
                    }
                }
            }
        }
        if hosts == [.isAway] { try await tasks[0].value }
        await connection.close()
        let call = Task { try await client.getData("/a") }
        for await event in client.sessionEvents() where event == .expired { break }
        #expect(ContinuousClock.now - start < .seconds(30))
        guard case .givenUp(let silence)? = client.sessionEnd else {
            Issue.record("\(String(describing: client.sessionEnd))")
            return
        }
        #expect(silence >= .milliseconds(1200))
        let error = await #expect(throws: ZooKeeperError.self) { try await call.value }
        #expect(error?.code == .sessionExpired)
        #expect(error?.message.contains("live until the ensemble ends it") == true, "\(error?.message ?? "")")
        for task in tasks { task.cancel() }
    }

    @Test func anotherSessionIDIsAnExpiredSession() async throws {
        let server = try await ScriptedServer.start()
        let client = try makeClient(server)
        let (first, _) = try await server.acceptSession(sessionID: 7)
        try await client.waitUntilConnected()
        await first.close()
        _ = try await server.acceptSession(sessionID: 8)
        for await event in client.sessionEvents() where event == .expired { break }
        #expect(client.sessionEnd == .replaced)
        #expect(client.session.id == 7)
    }

    @Test func aLostConnectionMakesTheSessionUncertainAndAnAnswerCertainAgain() async throws {
        let server = try await ScriptedServer.start()
        let client = try makeClient(server)
        #expect(client.isUncertain && client.earliestExpiry == nil)
        let before = ContinuousClock.now
        let (first, _) = try await server.acceptSession(timeoutMillis: 30_000)
        try await client.waitUntilConnected()
        #expect(!client.isUncertain)
        let expiry = try #require(client.earliestExpiry)
        #expect(expiry <= .now + .seconds(30))
        #expect(expiry >= before + .seconds(29))
        async let doubt: Void = client.untilUncertain()
        await first.close()
        try await doubt
        _ = try await server.acceptSession(timeoutMillis: 30_000)
        try await client.waitUntilConnected()
        #expect(!client.isUncertain)
        await client.close()
        #expect(client.isUncertain)
        try await client.untilUncertain()
    }

    /// The server goes on to talk, but does not answer: what it is told may not reach the ensemble.
    @Test func notificationsAreNoAnswer() async throws {
        let server = try await ScriptedServer.start()
        let client = try makeClient(server)
        let (first, _) = try await server.acceptSession(timeoutMillis: 900)
        try await client.waitUntilConnected()
        let chatter = Task {
            while !Task.isCancelled {
                first.notify(.nodeDataChanged, "/a")
                try await Task.sleep(for: .milliseconds(20))
            }
        }
        try await client.untilUncertain()
        for await case .disconnected(let reason) in client.sessionEvents() {
            #expect(reason.contains("nothing heard"))
            break
        }
        chatter.cancel()
    }

    @Test func aWaitForDoubtCanBeCancelled() async throws {
        let server = try await ScriptedServer.start()
        let client = try makeClient(server)
        _ = try await server.acceptSession()
        try await client.waitUntilConnected()
        let wait = Task { try await client.untilUncertain() }
        wait.cancel()
        await #expect(throws: CancellationError.self) { try await wait.value }
        await client.close()
    }

    @Test func aNewReaderOfEventsHearsThePresentState() async throws {
        let server = try await ScriptedServer.start()
        let client = try makeClient(server)
        let (first, _) = try await server.acceptSession()
        try await client.waitUntilConnected()
        var events = client.sessionEvents().makeAsyncIterator()
        #expect(await events.next() == .connected(client.session))
        await first.close()
        let loss = await events.next()
        let isLoss = if case .disconnected? = loss { true } else { false }
        #expect(isLoss)
        await client.close()
        var late = client.sessionEvents().makeAsyncIterator()
        #expect(await late.next() == .closed)
        #expect(await late.next() == nil)
    }

    /// Cancelling a reader takes a lock that the sender of an event wants, and the other way round.
    @Test func readersOfEventsMayLeaveWhileEventsCome() async throws {
        for _ in 0..<20 {
            let server = try await ScriptedServer.start()
            let client = try makeClient(server)
            let greeter = Task {
                while true {
                    let (connection, _) = try await server.acceptSession()
                    await connection.close()
                }
            }
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<50 {
                    group.addTask {
                        let reader = Task { for await _ in client.sessionEvents() {} }
                        await Task.yield()
                        reader.cancel()
                        await reader.value
                    }
                }
            }
            greeter.cancel()
            await client.close()
        }
    }

    @Test func codesThatMayBeTriedAgainPauseLongerAndLonger() {
        for code in [ErrorCode.throttledOp, .connectionLoss, .sessionMoved] { #expect(code.isTransient) }
        for code in [ErrorCode.clientClosed, .sessionExpired, .noNode, .ok] { #expect(!code.isTransient) }
        var pause = RetryPause(shortest: .milliseconds(100), longest: .seconds(1))
        let pauses = (0..<6).map { _ in pause.take() }
        for (taken, limit) in zip(pauses, [100, 200, 400, 800, 1000, 1000]) {
            #expect((.milliseconds(limit * 3 / 4)...(.milliseconds(limit))).contains(taken))
        }
        pause.reset()
        #expect(pause.take() <= .milliseconds(100))
    }
}
