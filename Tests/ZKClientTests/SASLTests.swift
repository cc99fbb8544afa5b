import Foundation
import NIOCore
import Support
import Testing
import ZKCore
import ZKWire

@testable import ZKClient

/// DIGEST-MD5 against what Apache's client and server said to each other, and against a real server.
@Suite(.timeLimit(.minutes(2)))
struct SASLTests {
    /// The tokens of the recorded exchange: challenge, response, proof.
    private func recordedTokens() throws -> [[UInt8]] {
        struct Line: Decodable {
            var hex: String?
            var what: String?
        }
        let text = try String(contentsOf: Fixtures.url("wire/java-sasl.jsonl"), encoding: .utf8)
        var tokens: [[UInt8]] = []
        for line in text.split(separator: "\n") {
            let line = try JSONDecoder().decode(Line.self, from: Data(line.utf8))
            guard let hex = line.hex, let what = line.what, what.contains("sasl"), !what.contains("create") else {
                continue
            }
            let digits = Array(hex.utf8)
            let bytes = stride(from: 0, to: digits.count, by: 2).map {
                UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16) ?? 0
            }
            // Length, header (8 bytes of a request, 16 of a reply), length of the token.
            let start = what.hasPrefix("reply") ? 24 : 16
            tokens.append(Array(bytes[start...]))
        }
        return Array(tokens.dropFirst().prefix(3))
    }

    @Test func saysWhatTheJavaClientSays() throws {
        let tokens = try recordedTokens()
        #expect(tokens.count == 3)
        var exchange = DigestMD5(
            user: "bob", password: "bobsecret", clientNonce: "yFfEFA52rj20aOBMNo9bFAA1is6GMVr+Fh1W0Ovr")
        guard case .send(let response) = try exchange.receive(tokens[0]) else {
            Issue.record("no response")
            return
        }
        #expect(String(decoding: response, as: UTF8.self) == String(decoding: tokens[1], as: UTF8.self))
        #expect(try exchange.receive(tokens[2]) == .done)
    }

    @Test func doesNotTrustAServerThatDoesNotKnowThePassword() throws {
        let tokens = try recordedTokens()
        var exchange = DigestMD5(user: "bob", password: "bobsecret")
        _ = try exchange.receive(tokens[0])
        #expect(throws: DigestMD5.Failure.self) { try exchange.receive(tokens[2]) }
    }

    @Test(
        arguments: [
            (nil, "does not offer SASL"), ("", "no nonce"), ("realm=\"x\"", "no nonce"),
            ("nonce=\"n\",algorithm=md5", "not one of DIGEST-MD5"),
            ("nonce=\"n\",algorithm=md5-sess,qop=\"auth-conf\"", "protection of each message"),
            ("nonce=\"unclosed", "not one of DIGEST-MD5"),
        ] as [(String?, String)])
    func refusesOtherChallenges(challenge: String?, reason: String) {
        var exchange = DigestMD5(user: "u", password: "p")
        let error = #expect(throws: DigestMD5.Failure.self) {
            try exchange.receive(challenge.map { Array($0.utf8) })
        }
        #expect(error?.reason.contains(reason) == true)
    }

    @Test func quotesNames() throws {
        var exchange = DigestMD5(user: "a\"b\\c", password: "p", clientNonce: "n")
        let challenge = #"realm="x\"y",nonce="1",algorithm=md5-sess"#
        guard case .send(let response) = try exchange.receive(Array(challenge.utf8)) else {
            Issue.record("no response")
            return
        }
        let text = String(decoding: response, as: UTF8.self)
        #expect(text.contains(#"username="a\"b\\c""#) && text.contains(#"realm="x\"y""#))
    }

    /// A letter that combines with a quote is one character with it: what counts are the bytes.
    @Test func quotesBeforeLettersThatCombine() throws {
        var exchange = DigestMD5(user: "a\"\u{301}b", password: "p", clientNonce: "n")
        let challenge = "realm=\"x\",nonce=\"1\",algorithm=md5-sess"
        guard case .send(let response) = try exchange.receive(Array(challenge.utf8)) else {
            Issue.record("no response")
            return
        }
        #expect(String(decoding: response, as: UTF8.self).contains("username=\"a\\\"\u{301}b\""))
    }

    @Test func nothingIsSentBeforeTheUserIsAccepted() async throws {
        let server = try await ScriptedServer.start()
        let client = try makeClient(server) { $0.sasl = .digestMD5(user: "bob", password: "bobsecret") }
        let call = Task.immediate { try await client.exists("/a") }
        let (connection, _) = try await server.acceptSession()
        let first = try await connection.request(.sasl)
        #expect(try first.decode(SASLRequest.self).token == [])
        #expect(client.state == .connecting)
        connection.reply(to: first, zxid: 0, SASLResponse(token: try recordedTokens()[0]))
        let second = try await connection.request(.sasl)
        #expect(try second.decode(SASLRequest.self).token?.starts(with: "charset=utf-8,username=\"bob\"".utf8) == true)
        connection.reply(to: second, zxid: 0, SASLResponse(token: Array("rspauth=wrong".utf8)))
        let error = await #expect(throws: ZooKeeperError.self) { try await call.value }
        #expect(error?.code == .authFailed)
        #expect(error?.message.contains("does not prove that it knows the password") == true)
        #expect(client.state == .authFailed)
    }

    @Test func apacheAcceptsTheUser() async throws {
        let directory = try TemporaryDirectory()
        let jaas = """
            Server {
                org.apache.zookeeper.server.auth.DigestLoginModule required
                user_bob="bobsecret";
            };
            """
        try Data(jaas.utf8).write(to: directory.url("jaas.conf"))
        let server = try await ApacheServer.start(
            ApacheOptions(properties: [
                "java.security.auth.login.config": directory.path("jaas.conf"),
                "zookeeper.authProvider.sasl": "org.apache.zookeeper.server.auth.SASLAuthenticationProvider",
            ]))
        var configuration = ClientConfiguration(connectString: try ConnectString(server.connectString))
        configuration.sasl = .digestMD5(user: "bob", password: "bobsecret")
        let client = ZooKeeperClient(configuration: configuration)
        try await client.waitUntilConnected(timeout: .seconds(10))
        try await client.create("/mine", acl: .creatorAll)
        let (acl, _) = try await client.getACL("/mine")
        #expect(acl == [ACL(perms: .all, scheme: "sasl", id: "bob")])
        await client.close()

        configuration.sasl = .digestMD5(user: "bob", password: "wrong")
        let impostor = ZooKeeperClient(configuration: configuration)
        let error = await #expect(throws: ZooKeeperError.self) {
            try await impostor.waitUntilConnected(timeout: .seconds(10))
        }
        #expect(error?.code == .authFailed)
        #expect(error?.message.contains("refuses the user or the password") == true, "\(error?.message ?? "")")
        #expect(error?.message.contains("wrong") == false)
        await impostor.close()
        await server.kill()
    }
}
