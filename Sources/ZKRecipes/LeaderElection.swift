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
            let turn: Bool? = try await withDeadline(timeout) {
                try await candidacy.waitForTurn()
                return true
            }
            guard turn != nil else { throw RecipeError.timedOut(path: path) }
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
}
