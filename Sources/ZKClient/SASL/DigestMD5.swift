internal import ZKDigest

/// The client's side of SASL DIGEST-MD5, without I/O: tokens of the server go in, ours come out.
///
/// ```
/// client                                            server
/// (empty token)                                 ->
///           <- realm="…",nonce="…",charset=utf-8,algorithm=md5-sess
/// username="…",…,response=…,qop=auth,authzid="…" ->
///                                             <- rspauth=…
/// ```
///
/// Source: RFC 2831; the names in `digest-uri` are those of Apache's `SaslServerPrincipal` and `ZKDigest` realm.
struct DigestMD5 {
    enum Step: Equatable {
        case send([UInt8])
        case done
    }

    /// Why the exchange cannot succeed.
    struct Failure: Error, Equatable {
        let reason: String
    }

    static let refused = "the server refuses the user or the password"

    private enum State {
        case start
        case sentResponse(expected: String)
        case done
    }

    private let user: String
    private let password: String
    /// Chosen anew for each exchange; printable.
    private let clientNonce: String
    private var state = State.start

    init(user: String, password: String, clientNonce: String = DigestMD5.makeNonce()) {
        self.user = user
        self.password = password
        self.clientNonce = clientNonce
    }

    /// 160 random bits.
    static func makeNonce() -> String { DigestMD5Response.makeNonce(length: 27) }

    /// What the client sends first: nothing, since the server speaks first.
    static let initialToken: [UInt8] = []

    mutating func receive(_ token: [UInt8]?) throws(Failure) -> Step {
        guard let token else {
            if case .start = state { throw Failure(reason: "the server does not offer SASL") }
            throw Failure(reason: Self.refused)
        }
        let fields = DigestFields(token)
        switch state {
        case .start:
            guard let fields else {
                throw Failure(reason: "the server's SASL challenge is not one of DIGEST-MD5")
            }
            let answer = try answer(to: fields)
            state = .sentResponse(expected: answer.expected)
            return .send(Array(answer.text.utf8))
        case .sentResponse(let expected):
            guard fields?["rspauth"] == expected else {
                throw Failure(
                    reason: "the server does not prove that it knows the password: it may be an impostor")
            }
            state = .done
            return .done
        case .done:
            throw Failure(reason: "the server goes on after the end of the exchange")
        }
    }

    private func answer(to fields: DigestFields) throws(Failure) -> (text: String, expected: String) {
        guard let nonce = fields["nonce"] else { throw Failure(reason: "the server's SASL challenge has no nonce") }
        guard fields["algorithm"] == "md5-sess" else {
            throw Failure(reason: "the server's SASL challenge is not one of DIGEST-MD5")
        }
        // No qop means auth.
        guard (fields["qop"] ?? "auth").split(separator: ",").contains("auth") else {
            throw Failure(reason: "the server demands SASL protection of each message, which ZooKeeper does not have")
        }
        let realm = fields["realm"] ?? ""
        let response = DigestMD5Response(
            user: user, realm: realm, password: password, nonce: nonce, clientNonce: clientNonce, authzid: user)
        let text = [
            "charset=utf-8", "username=\(DigestFields.quoted(user))", "realm=\(DigestFields.quoted(realm))",
            "nonce=\(DigestFields.quoted(nonce))", "nc=\(DigestMD5Response.nonceCount)",
            "cnonce=\(DigestFields.quoted(clientNonce))",
            "digest-uri=\(DigestFields.quoted(DigestMD5Response.uri))", "maxbuf=65536", "response=\(response.client)",
            "qop=auth", "authzid=\(DigestFields.quoted(user))",
        ]
        return (text.joined(separator: ","), response.server)
    }
}
