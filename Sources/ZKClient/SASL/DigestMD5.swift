internal import Crypto

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

    private enum State {
        case start
        case sentResponse(expected: String)
        case done
    }

    private static let digestURI = "zookeeper/zk-sasl-md5"
    private static let count = "00000001"

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
    static func makeNonce() -> String {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        var random = SystemRandomNumberGenerator()
        return String((0..<27).map { _ in digits[Int(random.next(upperBound: UInt64(digits.count)))] })
    }

    /// What the client sends first: nothing, since the server speaks first.
    static let initialToken: [UInt8] = []

    mutating func receive(_ token: [UInt8]?) throws(Failure) -> Step {
        guard let token else { throw Failure(reason: "the server does not offer SASL") }
        let fields = Self.fields(of: String(decoding: token, as: UTF8.self))
        switch state {
        case .start:
            let answer = try answer(to: fields)
            state = .sentResponse(expected: answer.expected)
            return .send(Array(answer.text.utf8))
        case .sentResponse(let expected):
            guard fields["rspauth"] == expected else {
                throw Failure(reason: "the server does not prove that it knows the password")
            }
            state = .done
            return .done
        case .done:
            throw Failure(reason: "the server goes on after the end of the exchange")
        }
    }

    private func answer(to fields: [String: String]) throws(Failure) -> (text: String, expected: String) {
        guard let nonce = fields["nonce"] else { throw Failure(reason: "the server's SASL challenge has no nonce") }
        guard fields["algorithm"] == "md5-sess" else {
            throw Failure(reason: "the server's SASL challenge is not one of DIGEST-MD5")
        }
        // No qop means auth.
        guard (fields["qop"] ?? "auth").split(separator: ",").contains("auth") else {
            throw Failure(reason: "the server demands SASL protection of each message, which ZooKeeper does not have")
        }
        let realm = fields["realm"] ?? ""
        let secret = Self.md5(Self.hashed(user) + [.colon] + Self.hashed(realm) + [.colon] + Self.hashed(password))
        let session = Self.hex(Self.md5(secret + Array(":\(nonce):\(clientNonce):\(user)".utf8)))
        func digest(_ method: String) -> String {
            let target = Self.hex(Self.md5(Array("\(method):\(Self.digestURI)".utf8)))
            return Self.hex(
                Self.md5(Array("\(session):\(nonce):\(Self.count):\(clientNonce):auth:\(target)".utf8)))
        }
        let text = [
            "charset=utf-8", "username=\(Self.quoted(user))", "realm=\(Self.quoted(realm))",
            "nonce=\(Self.quoted(nonce))", "nc=\(Self.count)", "cnonce=\(Self.quoted(clientNonce))",
            "digest-uri=\(Self.quoted(Self.digestURI))", "maxbuf=65536", "response=\(digest("AUTHENTICATE"))",
            "qop=auth", "authzid=\(Self.quoted(user))",
        ]
        return (text.joined(separator: ","), digest(""))
    }

    // MARK: Text

    /// `name=value` and `name="value"`, separated by commas; a backslash takes the next character as it is.
    private static func fields(of text: String) -> [String: String] {
        var fields: [String: String] = [:]
        var rest = text[...]
        while let equals = rest.firstIndex(of: "=") {
            let name = rest[..<equals].drop { $0 == " " || $0 == "," }
            rest = rest[rest.index(after: equals)...]
            var value = ""
            if rest.first == "\"" {
                rest.removeFirst()
                while let character = rest.popFirst(), character != "\"" {
                    value.append(character == "\\" ? rest.popFirst() ?? character : character)
                }
            } else {
                value = String(rest.prefix { $0 != "," })
                rest = rest.dropFirst(value.count)
            }
            fields[String(name)] = value
        }
        return fields
    }

    private static func quoted(_ text: String) -> String {
        "\"" + text.flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : [$0] } + "\""
    }

    /// Latin-1 where the text allows it, as the RFC demands even with charset=utf-8.
    private static func hashed(_ text: String) -> [UInt8] {
        let scalars = text.unicodeScalars
        if scalars.allSatisfy({ $0.value <= 0xff }) { return scalars.map { UInt8($0.value) } }
        return Array(text.utf8)
    }

    // MARK: Digests

    private static func md5(_ bytes: [UInt8]) -> [UInt8] {
        var hash = Insecure.MD5()
        bytes.withUnsafeBytes { hash.update(bufferPointer: $0) }
        return Array(hash.finalize())
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef")
        return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 0xf)]] })
    }
}

extension UInt8 {
    fileprivate static let colon = UInt8(ascii: ":")
}
