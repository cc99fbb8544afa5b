public import ZKClient
public import ZKCore

/// A lock that is fair and wakes one waiter at a time.
///
/// The names are Curator's: `PATH/_c_<uuid>-lock-NNNNNNNNNN` for ``Kind/exclusive`` (`InterProcessMutex`), `__WRIT__` and
/// `__READ__` in place of `lock-` for ``Kind/write`` and ``Kind/read`` (`InterProcessReadWriteLock`). With
/// ``RecipeLayout/kazoo`` they are `PATH/<uuid>__lock__NNNNNNNNNN` (`Lock`, `WriteLock`) and `__rlock__` (`ReadLock`).
/// Every child whose name ends in a sequence number is waited for, so that other clients' locks on the same path are
/// respected; whether they respect this one depends on the names that they count: see <doc:OtherLibraries>.
///
/// A lock that can expire does not exclude by itself: see ``Held/fencingToken``.
public struct DistributedLock: Sendable {
    public enum Kind: Sendable {
        /// Waits for all before it.
        case exclusive
        /// As ``exclusive``, beside readers of Curator.
        case write
        /// Waits for those before it that are not readers.
        case read

        func name(_ layout: RecipeLayout) -> ProtectedName {
            switch (layout, self) {
            case (.curator, .exclusive): ProtectedName(suffix: "lock-")
            case (.curator, .write): ProtectedName(suffix: "__WRIT__")
            case (.curator, .read): ProtectedName(suffix: "__READ__")
            case (.kazoo, .exclusive), (.kazoo, .write): ProtectedName(kazooMark: "__lock__")
            case (.kazoo, .read): ProtectedName(kazooMark: "__rlock__")
            }
        }
    }

    let client: ZooKeeperClient
    public let path: ZnodePath
    public let kind: Kind
    /// Of the lock's znode, for those who look who holds it.
    public let data: [UInt8]
    public let acl: [ACL]
    public let layout: RecipeLayout
    /// How long a call that gives up waits until its znode is gone. What takes longer, as without a connection, is done in
    /// the background as long as the session lives.
    public var cleanupTimeout = Duration.cleanup

    public init(
        _ client: ZooKeeperClient, path: ZnodePath, kind: Kind = .exclusive, data: [UInt8] = [],
        acl: [ACL] = .openUnsafe, layout: RecipeLayout = .curator
    ) {
        self.client = client
        self.path = path
        self.kind = kind
        self.data = data
        self.acl = acl
        self.layout = layout
    }

    /// Waits for the lock. ``path`` and what is above it are created when missing.
    ///
    /// - Parameter timeout: for all of it, with or without a connection. Zero does not wait for others.
    /// - Throws: ``RecipeError/timedOut(path:)`` after `timeout`, ``RecipeError/notExclusive(path:layout:)`` beside a
    ///   contender that does not count this one, `CancellationError`, or `ZooKeeperError`; the place in the queue is given
    ///   up then.
    public func acquire(timeout: Duration? = nil) async throws -> Held {
        try await acquiring(path, within: timeout) { [self] in try await wait(waits: $0) }
    }

    private func wait(waits: Bool) async throws -> Held? {
        let isReader = kind == .read
        return try await client.grant(
            parent: path, name: kind.name(layout), data: data, acl: acl, layout: layout, waits: waits,
            cleanupTimeout: cleanupTimeout
        ) { !isReader || !$0.isReader }
    }

    /// Runs `body` while the lock is held. When the lock is lost, or may be, `body` is cancelled and waited for.
    ///
    /// - Throws: ``RecipeError/lost(path:)``, or ``RecipeError/holdUncertain(path:)`` even when the session recovered; and
    ///   what getting it and `body` throw.
    public func withLock<R: Sendable>(
        timeout: Duration? = nil, stopWhen: StopCondition = .uncertain,
        _ body: @escaping @Sendable (Held) async throws -> R
    ) async throws -> R {
        try await acquire(timeout: timeout).run(stopWhen: stopWhen, body)
    }

    /// The data of the znodes in the queue, holder first.
    public func contenders() async throws -> [(path: ZnodePath, data: [UInt8]?)] {
        try await client.contenders(of: path)
    }
}

extension Duration {
    /// How long recipes wait by default for what they leave to be gone.
    static let cleanup = Self.milliseconds(500)
}

extension ZooKeeperClient {
    /// Enters a queue and waits for the turn; nil when it has not come and `waits` is not set. No znode is left then, or
    /// when it fails.
    func grant(
        parent: ZnodePath, name: ProtectedName, data: [UInt8], acl: [ACL], layout: RecipeLayout, waits: Bool,
        cleanupTimeout: Duration, blocks: @Sendable (Contender) -> Bool = { _ in true }
    ) async throws -> Held? {
        let candidacy = try await Candidacy.enter(
            self, parent: parent, name: name, data: data, acl: acl, cleanupTimeout: cleanupTimeout)
        do {
            if try await candidacy.waitForTurn(waits: waits, layout: layout, blocks: blocks) {
                return Held(candidacy: candidacy)
            }
        } catch {
            await candidacy.abandon()
            throw error
        }
        await candidacy.abandon()
        return nil
    }

    /// Those in a queue in their order, with their data.
    ///
    /// - Parameter count: how many of them at most.
    func contenders(
        of path: ZnodePath, first count: Int = .max, where isWanted: (Contender) -> Bool = { _ in true }
    ) async throws -> [(path: ZnodePath, data: [UInt8]?)] {
        let names: [String]
        do {
            names = try await getChildren(path)
        } catch let error as ZooKeeperError where error.code == .noNode {
            return []
        }
        var result: [(path: ZnodePath, data: [UInt8]?)] = []
        var rest = Contender.queue(names).filter(isWanted)[...]
        while result.count < count, let first = rest.first {
            // Those with the same number are in the order of their creation.
            let equals = rest.prefix { $0.sequence == first.sequence }
            rest = rest.dropFirst(equals.count)
            var read: [(czxid: Zxid, path: ZnodePath, data: [UInt8]?)] = []
            for contender in equals {
                let child = path.appending(contender.name)
                do {
                    let (data, stat) = try await getData(child)
                    read.append((stat.czxid, child, data))
                } catch let error as ZooKeeperError where error.code == .noNode {
                    continue  // It left in between.
                }
            }
            result += read.sorted { $0.czxid < $1.czxid }.map { (path: $0.path, data: $0.data) }
        }
        return Array(result.prefix(count))
    }
}
