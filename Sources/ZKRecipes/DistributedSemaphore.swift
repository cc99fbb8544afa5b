public import ZKClient
public import ZKCore

/// A number of leases, in the layout of Curator's `InterProcessSemaphoreV2`: `PATH/locks` is a lock that those who want a
/// lease take one after the other, `PATH/leases/_c_<uuid>-lease-NNNNNNNNNN` are the leases.
public struct DistributedSemaphore: Sendable {
    private static let suffix = "lease-"

    let client: ZooKeeperClient
    public let path: ZnodePath
    public let leasesMax: Int
    public let acl: [ACL]

    /// - Parameter leasesMax: at least 1; all users of `path` must agree on it.
    public init(_ client: ZooKeeperClient, path: ZnodePath, leasesMax: Int, acl: [ACL] = .openUnsafe) {
        precondition(leasesMax >= 1)
        self.client = client
        self.path = path
        self.leasesMax = leasesMax
        self.acl = acl
    }

    /// Waits for a lease.
    ///
    /// - Throws: ``RecipeError/timedOut(path:)``, `CancellationError`, or `ZooKeeperError`; nothing is left behind then.
    public func acquire(timeout: Duration? = nil, data: [UInt8] = []) async throws -> Held {
        let turn = DistributedLock(client, path: path.appending("locks"), acl: acl)
        let held: Held? = try await withDeadline(timeout) {
            try await turn.withLock { _ in try await takeLease(data: data) }
        }
        guard let held else { throw RecipeError.timedOut(path: path) }
        return held
    }

    /// Runs `body` while a lease is held. When the lease is lost `body` is cancelled.
    public func withLease<R: Sendable>(
        timeout: Duration? = nil, _ body: @escaping @Sendable (Held) async throws -> R
    ) async throws -> R {
        try await acquire(timeout: timeout).run(body)
    }

    /// Called by the one whose turn it is.
    private func takeLease(data: [UInt8]) async throws -> Held {
        let leases = path.appending("leases")
        let candidacy = try await Candidacy.enter(client, parent: leases, suffix: Self.suffix, data: data, acl: acl)
        do {
            while true {
                let (children, _, watch) = try await client.getChildrenAndWatch(leases)
                guard children.contains(candidacy.path.name) else { throw RecipeError.lost(path: candidacy.path) }
                if children.count <= leasesMax { return Held(candidacy: candidacy) }
                _ = try await watch.event()
            }
        } catch {
            try await candidacy.leave()
            throw error
        }
    }
}
