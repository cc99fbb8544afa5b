import ZKDigest
import ZKTree

/// The server's side of SASL DIGEST-MD5, without I/O.
///
/// ```
/// client                                            server
/// (empty token)                                 ->
///           <- realm="…",nonce="…",charset=utf-8,algorithm=md5-sess
/// username="…",…,response=…,qop=auth             ->
///                                             <- rspauth=…
/// ```
///
/// Source: RFC 2831; realm, digest-uri and the order of the fields are those of Apache's server.
struct DigestMD5Exchange {
    enum Outcome: Equatable {
        case challenge([UInt8])
        case success(user: String, token: [UInt8])
        /// Does not say why: neither does the reply.
        case failure
    }

    private enum State {
        case new
        case challenged(nonce: String)
        case finished
    }

    static let realm = "zk-sasl-md5"
    /// Of RFC 2831, for what a client sends.
    private static let tokenBytesMax = 4096

    private var state = State.new

    mutating func receive(
        _ token: [UInt8], passwords: [String: String], makeNonce: () -> String = Self.makeNonce
    ) -> Outcome {
        switch state {
        case .new:
            guard token.isEmpty else { break }
            let nonce = makeNonce()
            state = .challenged(nonce: nonce)
            let text = "realm=\"\(Self.realm)\",nonce=\"\(nonce)\",charset=utf-8,algorithm=md5-sess"
            return .challenge(Array(text.utf8))
        case .challenged(let nonce):
            guard token.count <= Self.tokenBytesMax, let fields = DigestFields(token),
                let (user, answer) = Self.check(fields, nonce: nonce, passwords: passwords)
            else { break }
            state = .finished
            return .success(user: user, token: Array("rspauth=\(answer)".utf8))
        case .finished:
            break
        }
        state = .finished
        return .failure
    }

    /// 240 random bits.
    static func makeNonce() -> String { DigestMD5Response.makeNonce(length: 40) }

    /// The user and what proves to it that the server knows its password, if the response is right.
    private static func check(
        _ fields: DigestFields, nonce: String, passwords: [String: String]
    ) -> (user: String, answer: String)? {
        guard let user = fields["username"], fields["nonce"] == nonce, fields["nc"] == DigestMD5Response.nonceCount,
            let clientNonce = fields["cnonce"], !clientNonce.isEmpty, let response = fields["response"],
            fields["realm"] ?? "" == realm, fields["qop"] ?? "auth" == "auth",
            let digestURI = fields["digest-uri"], digestURI.lowercased() == DigestMD5Response.uri
        else { return nil }
        // An unknown user costs as much time as a wrong password.
        let password = passwords[user]
        let expected = DigestMD5Response(
            user: user, realm: realm, password: password ?? "", nonce: nonce, clientNonce: clientNonce,
            authzid: fields["authzid"], uri: digestURI)
        let isRight = bytesAreEqualInConstantTime(Array(expected.client.utf8), Array(response.utf8))
        guard isRight, password != nil else { return nil }
        return (user, expected.server)
    }
}
