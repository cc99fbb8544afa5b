import Crypto
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
    private static let digestURI = "zookeeper/zk-sasl-md5"
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
    static func makeNonce() -> String {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        var random = SystemRandomNumberGenerator()
        return String((0..<40).map { _ in digits[Int(random.next(upperBound: UInt64(digits.count)))] })
    }

    /// The user and what proves to it that the server knows its password, if the response is right.
    private static func check(
        _ fields: DigestFields, nonce: String, passwords: [String: String]
    ) -> (user: String, answer: String)? {
        guard let user = fields["username"], fields["nonce"] == nonce, fields["nc"] == "00000001",
            let clientNonce = fields["cnonce"], !clientNonce.isEmpty, let response = fields["response"],
            fields["realm"] ?? "" == realm, fields["qop"] ?? "auth" == "auth",
            let digestURI = fields["digest-uri"], digestURI.lowercased() == Self.digestURI
        else { return nil }
        // An unknown user costs as much time as a wrong password.
        let password = passwords[user]
        let secret = md5(hashed(user) + colon + hashed(realm) + colon + hashed(password ?? ""))
        let authzid = fields["authzid"].map { ":\($0)" } ?? ""
        let session = hex(md5(secret + Array(":\(nonce):\(clientNonce)\(authzid)".utf8)))
        func digest(_ method: String) -> String {
            let target = hex(md5(Array("\(method):\(digestURI)".utf8)))
            return hex(md5(Array("\(session):\(nonce):00000001:\(clientNonce):auth:\(target)".utf8)))
        }
        let isRight = bytesAreEqualInConstantTime(Array(digest("AUTHENTICATE").utf8), Array(response.utf8))
        guard isRight, password != nil else { return nil }
        return (user, digest(""))
    }

    private static let colon = [UInt8(ascii: ":")]

    /// Latin-1 where the text allows it, as the RFC demands even with charset=utf-8.
    private static func hashed(_ text: String) -> [UInt8] {
        let scalars = text.unicodeScalars
        if scalars.allSatisfy({ $0.value <= 0xff }) { return scalars.map { UInt8($0.value) } }
        return Array(text.utf8)
    }

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

/// `name=value` and `name="value"`, separated by commas; a backslash takes the next character as it is. No name comes
/// twice.
struct DigestFields {
    private var values: [String: String] = [:]

    init?(_ token: [UInt8]) {
        guard let text = String(validating: token, as: UTF8.self) else { return nil }
        var rest = text.unicodeScalars[...]
        while true {
            rest = rest.drop { $0 == " " || $0 == "\t" || $0 == "," }
            guard !rest.isEmpty else { return }
            guard let equals = rest.firstIndex(of: "=") else { return nil }
            let name = String(rest[..<equals])
            rest = rest[rest.index(after: equals)...]
            guard !name.isEmpty, values[name] == nil, let value = Self.takeValue(&rest) else { return nil }
            values[name] = value
        }
    }

    subscript(name: String) -> String? { values[name] }

    private static func takeValue(_ rest: inout String.UnicodeScalarView.SubSequence) -> String? {
        guard rest.first == "\"" else {
            let value = rest.prefix { $0 != "," && $0 != " " && $0 != "\t" }
            rest = rest[value.endIndex...]
            return String(value)
        }
        rest.removeFirst()
        var value = String.UnicodeScalarView()
        while let scalar = rest.popFirst() {
            if scalar == "\"" { return String(value) }
            guard scalar == "\\" else {
                value.append(scalar)
                continue
            }
            guard let escaped = rest.popFirst() else { return nil }
            value.append(escaped)
        }
        return nil
    }
}
