public import ZKClient
public import ZKCore

/// An election that goes by the order of arrival, in the layout of Curator's `LeaderLatch`:
/// `PATH/_c_<uuid>-latch-NNNNNNNNNN`, whose data is the candidate's name.
public struct LeaderElection: Sendable {
    private static let suffix = "latch-"

    let client: ZooKeeperClient
    public let path: ZnodePath
    public let name: [UInt8]
    public let acl: [ACL]

    public init(_ client: ZooKeeperClient, path: ZnodePath, name: [UInt8], acl: [ACL] = .openUnsafe) {
        self.client = client
        self.path = path
        self.name = name
        self.acl = acl
    }

    /// Waits to lead. ``Held/release()`` resigns.
    ///
    /// - Throws: ``RecipeError/timedOut(path:)``, `CancellationError`, or `ZooKeeperError`; the candidacy is withdrawn then.
    public func campaign(timeout: Duration? = nil) async throws -> Held {
        let candidacy = try await Candidacy.enter(client, parent: path, suffix: Self.suffix, data: name, acl: acl)
        do {
            guard try await candidacy.waitForTurn(timeout: timeout) else { throw RecipeError.timedOut(path: path) }
            return Held(candidacy: candidacy)
        } catch {
            try await candidacy.leave()
            throw error
        }
    }

    /// Runs `body` while leading. When the leadership is lost `body` is cancelled.
    public func withLeadership<R: Sendable>(
        timeout: Duration? = nil, _ body: @escaping @Sendable (Held) async throws -> R
    ) async throws -> R {
        try await campaign(timeout: timeout).run(body)
    }

    /// The name of the present leader; nil when nobody leads.
    public func leader() async throws -> [UInt8]? {
        try await client.contenders(of: path).first?.data
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
            if let first = try await client.contenders(of: path).first {
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
