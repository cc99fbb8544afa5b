import Crypto
import ZKCore
import ZKTree

/// Answers auth packets. Source: `DigestAuthenticationProvider`, `IPAuthenticationProvider`.
struct Authenticator: Sendable {
    private let superDigest: [UInt8]?

    init(superDigest: String?) {
        self.superDigest = superDigest.map { Array($0.utf8) }
    }

    /// The identities that a packet proves; nil when it proves none.
    func identities(scheme: UString, credentials: [UInt8], address: String) -> [ACLIdentity]? {
        switch scheme {
        case "digest":
            let digest = Self.digest(of: credentials)
            let identity = ACLIdentity(scheme: "digest", id: UString(bytes: digest))
            guard let superDigest, bytesAreEqualInConstantTime(digest, superDigest) else { return [identity] }
            return [ACLIdentity(scheme: "super", id: ""), identity]
        case "ip":
            return [ACLIdentity(scheme: "ip", id: UString(address))]
        default:
            return nil
        }
    }

    /// `user:` and the base64 of the SHA-1 of all of `user:password`.
    static func digest(of credentials: [UInt8]) -> [UInt8] {
        let user = credentials.prefix { $0 != UInt8(ascii: ":") }
        let hash = Array(Insecure.SHA1.hash(data: credentials))
        return Array(user) + [UInt8(ascii: ":")] + base64(hash)
    }

    private static func base64(_ bytes: [UInt8]) -> [UInt8] {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            let group = bytes[index..<min(index + 3, bytes.count)]
            var bits = group.reduce(0) { $0 << 8 | UInt32($1) } << (8 * UInt32(3 - group.count))
            bits <<= 8
            for place in 0..<4 {
                result.append(place <= group.count ? alphabet[Int(bits >> 26)] : UInt8(ascii: "="))
                bits <<= 6
            }
            index += 3
        }
        return result
    }
}
