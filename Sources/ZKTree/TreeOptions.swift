package import ZKCore

/// What of the configuration concerns the tree.
package struct TreeOptions: Sendable {
    /// `extendedTypesEnabled`: whether there are TTL znodes.
    package var extendedTypesEnabled = false
    /// `digest.enabled`: whether the digest of the tree is kept and logged.
    package var digestEnabled = true
    package var enforceQuota = false
    package var skipACL = false
    package var reconfigEnabled = false
    /// Schemes that may stand in access control lists beside digest and ip, such as `x509`.
    package var extraSchemes: Set<String> = []
    /// Whether the scheme digest is known.
    package var hasDigestScheme = true
    /// The ID in lists that stands for everybody who has logged in with SASL.
    package var anySASLUser: UString?

    /// The longest record of a txn: what would make a longer one is refused.
    package var recordBytesMax = Int(Int32.max)

    package init() {}
}
