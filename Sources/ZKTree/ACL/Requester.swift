package import ZKCore

/// Who asks: the identities of a connection. Changed and read under the lock of the tree.
package final class Requester {
    package private(set) var identities: [ACLIdentity]
    /// Whether a `super` identity is among them: it passes every check.
    package private(set) var isSuper = false
    /// The bytes of all identities.
    package private(set) var identityBytes = 0

    package init(identities: [ACLIdentity] = []) {
        self.identities = []
        for identity in identities { add(identity) }
    }

    /// Adds an identity, once.
    package func add(_ identity: ACLIdentity) {
        guard !identities.contains(identity) else { return }
        identities.append(identity)
        identityBytes += identity.scheme.bytes.count + identity.id.bytes.count
        if identity.scheme == "super" { isSuper = true }
    }
}
