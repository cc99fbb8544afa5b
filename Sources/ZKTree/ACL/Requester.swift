package import ZKCore

/// Who asks: the identities of a connection. Changed and read under the lock of the tree.
package final class Requester {
    package private(set) var identities: [ACLIdentity]
    /// Whether a `super` identity is among them: it passes every check.
    package private(set) var isSuper = false

    package init(identities: [ACLIdentity] = []) {
        self.identities = []
        for identity in identities { add(identity) }
    }

    /// Adds an identity, once.
    package func add(_ identity: ACLIdentity) {
        guard !identities.contains(identity) else { return }
        identities.append(identity)
        if identity.scheme == "super" { isSuper = true }
    }
}
