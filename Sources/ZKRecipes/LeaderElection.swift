public import ZKClient
public import ZKCore

/// An election that goes by the order of arrival, in the layout of Curator's `LeaderLatch`:
/// `PATH/_c_<uuid>-latch-NNNNNNNNNN`, whose data is the candidate's name. With ``RecipeLayout/kazoo`` the znodes are those
/// of kazoo's `Election`, `PATH/<uuid>__lock__NNNNNNNNNN`.
public struct LeaderElection: Sendable {
    let client: ZooKeeperClient
    public let path: ZnodePath
    public let name: [UInt8]
    public let acl: [ACL]
    public let layout: RecipeLayout
    /// How long a call that gives up waits until its znode is gone; the rest is done in the background.
    public var cleanupTimeout = Duration.cleanup

    public init(
        _ client: ZooKeeperClient, path: ZnodePath, name: [UInt8], acl: [ACL] = .openUnsafe,
        layout: RecipeLayout = .curator
    ) {
        self.client = client
        self.path = path
        self.name = name
        self.acl = acl
        self.layout = layout
    }

    /// Waits to lead. ``Held/release()`` resigns.
    ///
    /// - Parameter timeout: for all of it, with or without a connection. Zero does not wait for others.
    /// - Throws: ``RecipeError/timedOut(path:)``, ``RecipeError/notExclusive(path:layout:)``, `CancellationError`, or
    ///   `ZooKeeperError`; the candidacy is withdrawn then.
    public func campaign(timeout: Duration? = nil) async throws -> Held {
        try await acquiring(path, within: timeout) { [self] waits in
            let name = layout == .kazoo ? ProtectedName(kazooMark: "__lock__") : ProtectedName(suffix: "latch-")
            return try await client.grant(
                parent: path, name: name, data: self.name, acl: acl, layout: layout, waits: waits,
                cleanupTimeout: cleanupTimeout)
        }
    }

    /// Runs `body` while leading. When the leadership is lost, or may be, `body` is cancelled and waited for.
    ///
    /// - Throws: ``RecipeError/lost(path:)``, or ``RecipeError/holdUncertain(path:)`` even when the session recovered; and
    ///   what getting it and `body` throw.
    public func withLeadership<R: Sendable>(
        timeout: Duration? = nil, stopWhen: StopCondition = .uncertain,
        _ body: @escaping @Sendable (Held) async throws -> R
    ) async throws -> R {
        try await campaign(timeout: timeout).run(stopWhen: stopWhen, body)
    }

    /// The name of the present leader; nil when nobody leads.
    public func leader() async throws -> [UInt8]? {
        try await client.contenders(of: path, first: 1).first?.data
    }

    /// The names of the candidates, the leader first.
    public func candidates() async throws -> [[UInt8]] {
        try await client.contenders(of: path).map { $0.data ?? [] }
    }

    /// Calls `body` with the present leader, nil when nobody leads, now and after each change, until it returns false.
    ///
    /// Only the leader's znode is watched: candidates that come and go wake nobody.
    public func observe(_ body: (Leader?) async throws -> Bool) async throws {
        var isFirst = true
        var last: ZnodePath?
        while true {
            if let first = try await client.contenders(of: path, first: 1).first {
                if isFirst || first.path != last {
                    guard try await body(Leader(path: first.path, name: first.data ?? [])) else { return }
                    (isFirst, last) = (false, first.path)
                }
                let (stat, watch) = try await client.existsAndWatch(first.path)
                if stat != nil { _ = try await watch.event() }
            } else {
                let watch = try await watchForCandidates()
                guard let watch else { continue }
                if isFirst || last != nil {
                    guard try await body(nil) else { return }
                    (isFirst, last) = (false, nil)
                }
                _ = try await watch.event()
            }
        }
    }

    /// A watch that fires when there may be a candidate; nil when there is one already.
    private func watchForCandidates() async throws -> OneShotWatch? {
        do {
            let (children, _, watch) = try await client.getChildrenAndWatch(path)
            return children.contains { Contender(name: $0) != nil } ? nil : watch
        } catch let error as ZooKeeperError where error.code == .noNode {
            let (stat, watch) = try await client.existsAndWatch(path)
            return stat == nil ? watch : nil
        }
    }
}

extension LeaderElection {
    /// Who leads.
    public struct Leader: Hashable, Sendable {
        /// The znode of the candidacy.
        public let path: ZnodePath
        public let name: [UInt8]
    }
}
