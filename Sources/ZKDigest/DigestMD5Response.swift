private import ZKText

/// The values that both sides of SASL DIGEST-MD5 compute. Source: RFC 2831, section 2.1.2.1.
public struct DigestMD5Response {
    /// How often the nonce was used: ZooKeeper's exchanges never resume.
    public static let nonceCount = "00000001"
    /// What Apache's `SaslServerPrincipal` names the service.
    public static let uri = "zookeeper/zk-sasl-md5"

    private let session: String
    private let nonce: String
    private let clientNonce: String
    private let uri: String

    /// - Parameters:
    ///   - authzid: whom the user wants to act as; nil when the client does not say.
    ///   - uri: as the client wrote it.
    public init(
        user: String, realm: String, password: String, nonce: String, clientNonce: String, authzid: String?,
        uri: String = Self.uri
    ) {
        let colon = [UInt8(ascii: ":")]
        let secret = MD5.hash(Self.encoded(user) + colon + Self.encoded(realm) + colon + Self.encoded(password))
        let suffix = ":\(nonce):\(clientNonce)" + (authzid.map { ":\($0)" } ?? "")
        session = Hex.encode(MD5.hash(secret + Array(suffix.utf8)))
        self.nonce = nonce
        self.clientNonce = clientNonce
        self.uri = uri
    }

    /// What proves to the server that the client knows the password: the field `response`.
    public var client: String { digest(method: "AUTHENTICATE") }

    /// What proves it to the client: `rspauth`.
    public var server: String { digest(method: "") }

    /// Printable random text of 6 bits a character.
    public static func makeNonce(length: Int) -> String {
        var random = SystemRandomNumberGenerator()
        let characters = (0..<length).map { _ in Base64.alphabet[Int(random.next(upperBound: UInt64(64)))] }
        return String(decoding: characters, as: UTF8.self)
    }

    private func digest(method: String) -> String {
        let target = Hex.encode(MD5.hash(Array("\(method):\(uri)".utf8)))
        let text = "\(session):\(nonce):\(Self.nonceCount):\(clientNonce):auth:\(target)"
        return Hex.encode(MD5.hash(Array(text.utf8)))
    }

    /// Latin-1 where the text allows it, as the RFC demands even with charset=utf-8.
    private static func encoded(_ text: String) -> [UInt8] {
        let scalars = text.unicodeScalars
        if scalars.allSatisfy({ $0.value <= 0xff }) { return scalars.map { UInt8($0.value) } }
        return Array(text.utf8)
    }
}
