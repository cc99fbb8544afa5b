import ZKCore
import ZKDigest
import ZKTree

/// Answers auth packets. Source: `DigestAuthenticationProvider`, `IPAuthenticationProvider`.
struct Authenticator: Sendable {
    private let superDigest: [UInt8]?

    private let hasDigestScheme: Bool

    init(superDigest: String?, hasDigestScheme: Bool = true) {
        self.hasDigestScheme = hasDigestScheme
        self.superDigest = superDigest.map { Array($0.utf8) }
    }

    /// The identities that a packet proves; nil when it proves none.
    func identities(scheme: UString, credentials: [UInt8]?, address: String) -> [ACLIdentity]? {
        switch scheme {
        case "digest" where hasDigestScheme:
            guard let credentials else { return nil }
            let digest = DigestIdentity.id(ofCredentials: credentials)
            let identity = ACLIdentity(scheme: "digest", id: UString(bytes: digest))
            guard let superDigest, bytesAreEqualInConstantTime(digest, superDigest) else { return [identity] }
            return [ACLIdentity(scheme: "super", id: ""), identity]
        case "ip":
            return [ACLIdentity(scheme: "ip", id: UString(address))]
        default:
            return nil
        }
    }
}
