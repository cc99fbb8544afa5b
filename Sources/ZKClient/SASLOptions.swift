/// How a client proves with SASL who it is, before anything else is sent.
public enum SASLOptions: Sendable, Hashable {
    /// RFC 2831, as Apache servers with a `DigestLoginModule` want it. The identity is `sasl:USER`.
    case digestMD5(user: String, password: String)
}

extension SASLOptions: CustomStringConvertible, CustomReflectable {
    /// Without the password.
    public var description: String {
        switch self {
        case .digestMD5(let user, password: _): "DIGEST-MD5(\(user))"
        }
    }

    public var customMirror: Mirror { Mirror(self, children: ["mechanism": description]) }
}
