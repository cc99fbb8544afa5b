import ZKCore

/// The schemes of identities that this server knows. Source: `ProviderRegistry` and the providers.
package enum ACLScheme {
    case digest
    case ip
    case x509
    case sasl

    init?(_ scheme: UString) {
        switch scheme {
        case "digest": self = .digest
        case "ip": self = .ip
        case "x509": self = .x509
        case "sasl": self = .sasl
        default: return nil
        }
    }

    /// Whether an identity of this scheme proves who somebody is, so that it may stand for `auth`.
    var isAuthenticated: Bool { self != .ip }

    /// Whether `id` may stand in an access control list.
    func isValid(_ id: UString) -> Bool {
        switch self {
        case .digest:
            // Java's split drops empty parts at the end.
            var parts = id.bytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
            while let last = parts.last, last.isEmpty, parts.count > 1 { parts.removeLast() }
            return parts.count == 2
        case .ip: return IPAddressRange(id.string) != nil
        case .x509: return DistinguishedName.isValid(id.string)
        case .sasl: return Self.isKerberosName(id.string)
        }
    }

    /// Whether the identity `id` of a connection is meant by the ID `expression` of an access control list.
    func matches(_ id: UString, expression: UString) -> Bool {
        switch self {
        case .digest, .x509: bytesAreEqualInConstantTime(id.bytes, expression.bytes)
        case .sasl: id == "super" || id == expression
        case .ip: IPAddressRange(expression.string)?.contains(id.string) ?? false
        }
    }

    /// `service/host@REALM`, each of the three of any length, or any text without `@`. Source: `KerberosName`.
    private static func isKerberosName(_ name: String) -> Bool {
        let parts = name.split(separator: "@", omittingEmptySubsequences: false)
        if parts.count == 1 { return true }
        guard parts.count == 2, !parts[1].contains("/") else { return false }
        return parts[0].count { $0 == "/" } <= 1
    }
}

/// Compares without stopping at the first difference, so that the time tells nothing about where it is.
package func bytesAreEqualInConstantTime(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    guard a.count == b.count else { return false }
    var difference: UInt8 = 0
    for index in a.indices { difference |= a[index] ^ b[index] }
    return difference == 0
}
