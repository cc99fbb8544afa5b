private import ZKText

/// Identities of ZooKeeper's scheme `digest`.
public enum DigestIdentity {
    /// `user:` and the base64 of the SHA-1 of all of `user:password`.
    /// Source: `DigestAuthenticationProvider.generateDigest`.
    public static func id(ofCredentials credentials: [UInt8]) -> [UInt8] {
        let user = credentials.prefix { $0 != UInt8(ascii: ":") }
        return Array(user) + [UInt8(ascii: ":")] + Array(Base64.encode(SHA1.hash(credentials)).utf8)
    }
}
