import Support
import Testing
import ZKDigest

@testable import ZKServer

/// The server's side against what Apache's client and server said to each other.
@Suite("DIGEST-MD5", .timeLimit(.minutes(10)))
struct DigestMD5ExchangeTests {
    /// The tokens of a recording: nothing, challenge, response, and the proof if there is one.
    private func tokens(_ recording: String) throws -> [[UInt8]] {
        try Transcript(recording).lines.filter {
            $0.what?.contains("sasl") == true && $0.what?.contains("create") != true
        }
        .compactMap { line in
            guard let hex = line.hex, let what = line.what else { return nil }
            return Array([UInt8](hex: hex).dropFirst(what.hasPrefix("reply") ? 24 : 16))
        }
    }

    private func nonce(of challenge: [UInt8]) throws -> String {
        try #require(DigestFields(challenge)?["nonce"])
    }

    private let users = ["bob": "bobsecret"]

    @Test func answersAsApacheDoes() throws {
        let tokens = try tokens("java-sasl")
        #expect(tokens.count >= 4)
        var exchange = DigestMD5Exchange()
        let nonce = try nonce(of: tokens[1])
        #expect(exchange.receive(tokens[0], passwords: users, makeNonce: { nonce }) == .challenge(tokens[1]))
        #expect(exchange.receive(tokens[2], passwords: users) == .success(user: "bob", token: tokens[3]))
        #expect(exchange.receive(tokens[2], passwords: users) == .failure, "a response counts once")
    }

    @Test func refusesTheWrongPasswordOfTheRecording() throws {
        let tokens = try tokens("java-saslbad")
        var exchange = DigestMD5Exchange()
        let nonce = try nonce(of: tokens[1])
        _ = exchange.receive([], passwords: users, makeNonce: { nonce })
        #expect(exchange.receive(tokens[2], passwords: users) == .failure)
    }

    @Test func aResponseIsOfNoUseForAnotherChallenge() throws {
        let tokens = try tokens("java-sasl")
        var exchange = DigestMD5Exchange()
        _ = exchange.receive([], passwords: users)
        #expect(exchange.receive(tokens[2], passwords: users) == .failure)
    }

    @Test func nobodyLogsInWithoutAChallenge() throws {
        var exchange = DigestMD5Exchange()
        #expect(exchange.receive(try tokens("java-sasl")[2], passwords: users) == .failure)
        #expect(exchange.receive([], passwords: users) == .failure, "after a failure there is no second try")
    }

    @Test func noncesDiffer() {
        #expect(Set((0..<100).map { _ in DigestMD5Exchange.makeNonce() }).count == 100)
    }

    /// Each field of a right response, left out or changed.
    @Test(arguments: ["username", "realm", "nonce", "nc", "cnonce", "digest-uri", "response", "qop", "authzid"])
    func everyFieldCounts(field: String) throws {
        let tokens = try tokens("java-sasl")
        let nonce = try nonce(of: tokens[1])
        let text = String(decoding: tokens[2], as: UTF8.self)
        let fields = text.split(separator: ",").map(String.init)
        for replacement in ["", "\(field)=x", "\(field)=\"x\"", "\(field)=\"unclosed", "\(field)"] {
            let changed = fields.map { $0.hasPrefix(field + "=") ? replacement : $0 }.joined(separator: ",")
            // No qop means auth.
            if field == "qop", replacement.isEmpty { continue }
            var exchange = DigestMD5Exchange()
            _ = exchange.receive([], passwords: users, makeNonce: { nonce })
            #expect(exchange.receive(Array(changed.utf8), passwords: users) == .failure, "\(changed)")
        }
        var exchange = DigestMD5Exchange()
        _ = exchange.receive([], passwords: users, makeNonce: { nonce })
        #expect(exchange.receive(Array((text + ",\(field)=x").utf8), passwords: users) == .failure, "twice")
    }

    @Test func longTokensAreNotLookedAt() throws {
        let tokens = try tokens("java-sasl")
        let nonce = try nonce(of: tokens[1])
        var exchange = DigestMD5Exchange()
        _ = exchange.receive([], passwords: users, makeNonce: { nonce })
        let long = tokens[2] + Array(repeating: UInt8(ascii: ","), count: 4096)
        #expect(exchange.receive(long, passwords: users) == .failure)
    }
}
