public import ZKClient
public import ZKCore

/// A number of leases, in the layout of Curator's `InterProcessSemaphoreV2`: `PATH/locks` is a lock that those who want a
/// lease take one after the other, `PATH/leases/_c_<uuid>-lease-NNNNNNNNNN` are the leases. With ``RecipeLayout/kazoo``
/// it is that of kazoo's `Semaphore`: the lock is `PATH-__lock__`, the leases are `PATH/<uuid>`, and the data of `PATH`
/// tells their number.
public struct DistributedSemaphore: Sendable {
    let client: ZooKeeperClient
    public let path: ZnodePath
    public let leasesMax: Int
    public let acl: [ACL]
    public let layout: RecipeLayout
    /// How long a call that gives up waits until its znodes are gone; the rest is done in the background.
    public var cleanupTimeout = Duration.cleanup

    /// - Parameter leasesMax: at least 1; all users of `path` must agree on it.
    public init(
        _ client: ZooKeeperClient, path: ZnodePath, leasesMax: Int, acl: [ACL] = .openUnsafe,
        layout: RecipeLayout = .curator
    ) {
        precondition(leasesMax >= 1)
        self.client = client
        self.path = path
        self.leasesMax = leasesMax
        self.acl = acl
        self.layout = layout
    }

    /// Waits for a lease.
    ///
    /// - Parameter timeout: for all of it, with or without a connection. Zero does not wait for others.
    /// - Throws: ``RecipeError/timedOut(path:)``, ``RecipeError/notExclusive(path:layout:)`` beside leases that do not count
    ///   this one, ``RecipeError/leasesDiffer(path:leasesMax:)``, `CancellationError`, or `ZooKeeperError`; nothing is left
    ///   behind then.
    public func acquire(timeout: Duration? = nil, data: [UInt8] = []) async throws -> Held {
        try await acquiring(path, within: timeout) { [self] in try await takeTurn(data: data, waits: $0) }
    }

    /// Runs `body` while a lease is held. When the lease is lost, or may be, `body` is cancelled and waited for.
    ///
    /// - Throws: ``RecipeError/lost(path:)``, or ``RecipeError/holdUncertain(path:)`` even when the session recovered; and
    ///   what getting it and `body` throw.
    public func withLease<R: Sendable>(
        timeout: Duration? = nil, stopWhen: StopCondition = .uncertain,
        _ body: @escaping @Sendable (Held) async throws -> R
    ) async throws -> R {
        try await acquire(timeout: timeout).run(stopWhen: stopWhen, body)
    }

    private func takeTurn(data: [UInt8], waits: Bool) async throws -> Held? {
        if layout == .kazoo { try await agreeOnNumber() } else { try await refuseKazooLeases() }
        let turnPath = layout == .kazoo ? ZnodePath(unchecked: path.string + "-__lock__") : path.appending("locks")
        let name = layout == .kazoo ? ProtectedName(kazooMark: "__lock__") : ProtectedName(suffix: "lock-")
        let turn = try await client.grant(
            parent: turnPath, name: name, data: data, acl: acl, layout: layout, waits: waits,
            cleanupTimeout: cleanupTimeout)
        guard let turn else { return nil }
        let lease =
            layout == .kazoo
            ? try await takeKazooLease(in: turn.candidacy, data: data, waits: waits)
            : try await takeLease(in: turn.candidacy, data: data, waits: waits)
        // The lease is held, whatever becomes of the turn.
        if lease != nil { await turn.candidacy.abandon() }
        return lease
    }

    /// Called by the one whose turn it is. Who gives up gives the turn up as well: the time to clean up is for both.
    private func takeLease(in turn: Candidacy, data: [UInt8], waits: Bool) async throws -> Held? {
        let leases = path.appending("leases")
        var candidacy: Candidacy
        do {
            try await refuseKazooLeases()
            candidacy = try await Candidacy.enter(
                client, parent: leases, name: ProtectedName(suffix: "lease-"), data: data, acl: acl,
                cleanupTimeout: .zero)
            candidacy.cleanupTimeout = cleanupTimeout
        } catch {
            await turn.abandon()
            throw error
        }
        do {
            while true {
                let (children, _, watch) = try await client.retrying { try await client.getChildrenAndWatch(leases) }
                guard children.contains(candidacy.path.name) else { throw RecipeError.lost(path: candidacy.path) }
                if children.count <= leasesMax { return Held(candidacy: candidacy) }
                guard waits else { break }
                _ = try await watch.event()
            }
        } catch {
            await client.deleteInBackground(candidacy.path, turn.path, limit: cleanupTimeout)
            throw error
        }
        await client.deleteInBackground(candidacy.path, turn.path, limit: cleanupTimeout)
        return nil
    }

    /// kazoo counts the children of `path`, and not the leases of Curator's layout.
    private func refuseKazooLeases() async throws {
        let children: [String]
        do {
            children = try await client.retrying { try await client.getChildren(path) }
        } catch let error as ZooKeeperError where error.code == .noNode {
            return
        }
        guard let lease = children.first(where: Self.isKazooLease) else { return }
        throw RecipeError.notExclusive(path: path.appending(lease), layout: layout)
    }

    /// Whether `name` is a UUID without dashes.
    private static func isKazooLease(_ name: String) -> Bool {
        name.utf8.count == 32 && name.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }

    // MARK: kazoo's

    /// The data of the znode is the number of leases, unless it is used for something else.
    private func agreeOnNumber() async throws {
        do {
            let data = try await client.retrying { try await client.getData(path).data } ?? []
            if let number = Int(String(decoding: data, as: UTF8.self)), number != leasesMax {
                throw RecipeError.leasesDiffer(path: path, leasesMax: number)
            }
        } catch let error as ZooKeeperError where error.code == .noNode {
            try await client.createWithParents(path, data: Array("\(leasesMax)".utf8), acl: acl)
        }
    }

    /// Called by the one whose turn it is: nobody else creates a lease meanwhile. Who gives up gives the turn up as well.
    private func takeKazooLease(in turn: Candidacy, data: [UInt8], waits: Bool) async throws -> Held? {
        let lease = path.appending(ProtectedName.plainUUID())
        do {
            while true {
                let (children, _, watch) = try await client.retrying { try await client.getChildrenAndWatch(path) }
                if ["locks", "leases"].contains(where: children.contains) {
                    throw RecipeError.notExclusive(path: path.appending("leases"), layout: layout)
                }
                if children.count < leasesMax {
                    let czxid = try await client.createOwn(lease, data: data, acl: acl)
                    return Held(
                        candidacy: Candidacy(
                            client: client, path: lease, czxid: czxid, cleanupTimeout: cleanupTimeout))
                }
                guard waits else { break }
                _ = try await watch.event()
            }
        } catch {
            // Its create may have been done.
            await client.deleteInBackground(lease, turn.path, limit: cleanupTimeout)
            throw error
        }
        await turn.abandon()
        return nil
    }
}
