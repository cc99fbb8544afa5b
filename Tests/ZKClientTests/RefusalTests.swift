import NIOCore
import Support
import Testing
import ZKCore
import ZKWire

@testable import ZKClient

/// Servers that hang, refuse or are none, and what is said of them.
@Suite(.timeLimit(.minutes(1)))
struct RefusalTests {
    private func failure(_ client: ZooKeeperClient, within timeout: Duration = .seconds(2)) async -> String {
        do {
            try await client.waitUntilConnected(timeout: timeout)
            return "connected"
        } catch {
            return "\(error)"
        }
    }

    @Test(arguments: [
        (
            "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n",
            "protocol, but HTTP (it says \"HTTP/1.1 400 Bad Request\")"
        ),
        ("SSH-2.0-OpenSSH_9.2\r\n", "protocol, but SSH"), ("-ERR unknown command\r\n", "protocol, but Redis"),
        ("\u{15}\u{3}\u{1}\u{0}\u{2}\u{2}\u{16}", "it speaks TLS"),
    ])
    func saysWhatIsOnThePort(words: String, expected: String) async throws {
        let server = try await ScriptedServer.start()
        let client = try makeClient(server)
        let talk = Task {
            while true {
                let connection = try await server.accept()
                connection.sendBytes(ByteBuffer(string: words))
            }
        }
        let text = await failure(client)
        #expect(text.contains(expected), "\(text)")
        talk.cancel()
        await client.close()
    }

    /// Read as a connect reply it would have a timeout of 0, which means an expired session.
    @Test func aFrameThatIsNoConnectReplyIsNoExpiredSession() async throws {
        let server = try await ScriptedServer.start()
        let client = try makeClient(server)
        let first = try await server.accept()
        _ = try await first.frame()
        first.send {
            ReplyHeader(xid: XID.ping, zxid: Zxid(rawValue: 1), err: .ok).encode(into: &$0)
            $0.writeBytes([UInt8](repeating: 0, count: 20))
        }
        _ = try await server.acceptSession()
        try await client.waitUntilConnected()
        await client.close()
    }

    @Test func aHostThatHangsIsNamedWithWhatWasWaitedFor() async throws {
        let server = try await ScriptedServer.start()
        let client = try makeClient(server) { $0.closeTimeout = .seconds(10) }
        let text = await failure(client)
        #expect(text.contains("connected, but no answer to the connect request for"), "\(text)")
        let start = ContinuousClock.now
        await client.closeWithoutWaiting()
        #expect(ContinuousClock.now - start < .seconds(2), "the close timeout is not waited for")
    }

    @Test func aHostThatHangsDoesNotTakeTheTimeOfTheNext() async throws {
        let servers = [try await ScriptedServer.start(), try await ScriptedServer.start()]
        var configuration = ClientConfiguration(
            connectString: try ConnectString(servers.map(\.connectString).joined(separator: ",")))
        configuration.shufflesHosts = false
        let client = ZooKeeperClient(configuration: configuration)
        async let connected: Void = client.waitUntilConnected(timeout: .seconds(16))
        _ = try await servers[1].acceptSession()
        try await connected
        await client.close()
    }

    /// 127.0.0.1 takes connections and says nothing.
    @Test func theSecondAddressOfAHostIsTriedWhenTheFirstHangs() async throws {
        let first = try await ScriptedServer.start()
        let second: ScriptedServer
        do {
            second = try await ScriptedServer.start(host: "::1", port: first.port)
        } catch {
            return  // No IPv6 here, or the port is taken.
        }
        let client = ZooKeeperClient(
            configuration: ClientConfiguration(connectString: try ConnectString("localhost:\(first.port)")))
        async let connected: Void = client.waitUntilConnected(timeout: .seconds(16))
        _ = try await second.acceptSession()
        try await connected
        await client.close()
    }

    @Test func aHostThatHangsInTheExchangeIsLeft() async throws {
        let servers = [try await ScriptedServer.start(), try await ScriptedServer.start()]
        var configuration = ClientConfiguration(
            connectString: try ConnectString(servers.map(\.connectString).joined(separator: ",")))
        configuration.shufflesHosts = false
        configuration.sessionTimeout = .seconds(10)
        configuration.sasl = .digestMD5(user: "u", password: "p")
        let client = ZooKeeperClient(configuration: configuration)
        let (first, _) = try await servers[0].acceptSession(timeoutMillis: 10_000)
        _ = try await first.request(.sasl)
        let (_, connect) = try await servers[1].acceptSession(timeoutMillis: 10_000)
        #expect(connect.sessionID == 7)
        #expect(client.hostFailures[0].failure?.contains("the SASL exchange was not done in") == true)
        await client.closeWithoutWaiting()
    }

    /// Nothing is sent without identities, not even the end of the session.
    @Test func closingWaitsForTheExchange() async throws {
        let server = try await ScriptedServer.start()
        let client = try makeClient(server) {
            $0.sasl = .digestMD5(user: "u", password: "p")
            $0.closeTimeout = .milliseconds(300)
        }
        let (connection, _) = try await server.acceptSession()
        _ = try await connection.request(.sasl)
        let write = Task { try await client.create("/a") as ZnodePath }
        await client.close()
        await #expect(throws: ZooKeeperError.self) { try await write.value }
        await #expect(throws: ScriptedConnection.Closed.self) { try await connection.request() }
    }

    @Test func theReasonWhyAnExchangeFailsIsTold() async throws {
        let server = try await ScriptedServer.start()
        let client = try makeClient(server) { $0.sasl = .digestMD5(user: "u", password: "p") }
        let (connection, _) = try await server.acceptSession()
        connection.reply(to: try await connection.request(.sasl), SASLResponse(token: nil))
        let text = await failure(client, within: .seconds(5))
        #expect(text.contains("the server does not offer SASL"), "\(text)")
        #expect(client.sessionEnd == .authFailed(reason: "SASL: the server does not offer SASL"))
    }

    @Test func aRefusedPasswordIsNoMissingSASL() throws {
        var exchange = DigestMD5(user: "u", password: "p")
        _ = try exchange.receive(Array("nonce=\"n\",algorithm=md5-sess".utf8))
        let error = #expect(throws: DigestMD5.Failure.self) { try exchange.receive(nil) }
        #expect(error?.reason == "the server refuses the user or the password")
    }

    // MARK: Outcomes

    @Test func aDoneWriteWhoseReplyIsMalformedIsNotReportedAsFailed() async throws {
        let server = try await ScriptedServer.start()
        let client = try makeClient(server)
        let (connection, _) = try await server.acceptSession()
        let write = Task { try await client.setData("/a", data: []) }
        connection.reply(to: try await connection.request(.setData))
        let error = await #expect(throws: ZooKeeperError.self) { try await write.value }
        #expect(error?.code == .marshallingError && error?.isOutcomeUnknown == true)
        let read = Task { try await client.getData("/a").data }
        connection.reply(to: try await connection.request(.getData))
        #expect(await #expect(throws: ZooKeeperError.self) { try await read.value }?.isOutcomeUnknown == false)
        await client.close()
    }

    @Test(arguments: [
        [MultiResponse.Result.delete, .check], [.check, .delete], [.delete], [.check, .error(.noNode)],
    ])
    func theResultsOfAMultiMustBeThoseOfItsOps(results: [MultiResponse.Result]) async throws {
        let server = try await ScriptedServer.start()
        let client = try makeClient(server)
        let (connection, _) = try await server.acceptSession()
        let multi = Task { try await client.multi([.check("/a", version: 1), .setData("/b", data: [])]) }
        connection.reply(to: try await connection.request(.multi), MultiResponse(results: results))
        let error = await #expect(throws: ZooKeeperError.self) { try await multi.value }
        #expect(error?.code == .marshallingError && error?.isOutcomeUnknown == true, "\(String(describing: error))")
        await client.close()
    }

    // MARK: Settings and secrets

    @Test func aTimeoutOfNothingIsRefused() async throws {
        for change in [
            { $0.sessionTimeout = .zero }, { $0.requestTimeout = .seconds(-1) }, { $0.frameBytesMax = 0 },
        ] as [@Sendable (inout ClientConfiguration) -> Void] {
            var configuration = ClientConfiguration(connectString: try ConnectString("127.0.0.1:1"))
            change(&configuration)
            let client = ZooKeeperClient(configuration: configuration)
            let error = await #expect(throws: ZooKeeperError.self) { try await client.getData("/a") }
            #expect(error?.code == .badArguments)
            #expect(error?.message.contains("must be at least") == true, "\(error?.message ?? "")")
            await client.close()
        }
    }

    @Test func noPasswordIsPrintedOrLogged() async throws {
        let server = try await ScriptedServer.start()
        let client = try makeClient(server) { $0.auth = [.digest(user: "joe", password: "5, 5, 5")] }
        _ = try await server.acceptSession()
        try await client.waitUntilConnected()
        var text = "\(client.session) \(SessionEvent.connected(client.session)) "
        dump(client.session, to: &text)
        dump(SessionEvent.connected(client.session), to: &text)
        dump(client.configuration.auth, to: &text)
        #expect(text.contains("0x7"))
        #expect(!text.contains("5, 5"), "\(text)")
        #expect(!text.contains("- 53"), "\(text)")
        await client.close()
    }

    @Test func aQuestionCanBeCancelled() async throws {
        let server = try await ScriptedServer.start()
        let question = Task {
            try await FourLetterWord.ask("ruok", host: "127.0.0.1", port: server.port, timeout: .seconds(30))
        }
        _ = try await server.accept()
        question.cancel()
        await #expect(throws: CancellationError.self) { try await question.value }
    }
}
