public import ZKClient
public import ZKCore

/// A lock that is fair and wakes one waiter at a time.
///
/// The layout is Curator's: `PATH/_c_<uuid>-lock-NNNNNNNNNN` for ``Kind/exclusive`` (`InterProcessMutex`), `__WRIT__` and
/// `__READ__` in place of `lock-` for ``Kind/write`` and ``Kind/read`` (`InterProcessReadWriteLock`). Every child whose
/// name ends in ten digits takes part, so that other clients' locks on the same path are respected.
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

        var suffix: String {
            switch self {
            case .exclusive: "lock-"
            case .write: "__WRIT__"
            case .read: "__READ__"
            }
        }
    }

    let client: ZooKeeperClient
    public let path: ZnodePath
    public let kind: Kind
    /// Of the lock's znode, for those who look who holds it.
    public let data: [UInt8]
    public let acl: [ACL]

    public init(
        _ client: ZooKeeperClient, path: ZnodePath, kind: Kind = .exclusive, data: [UInt8] = [],
        acl: [ACL] = .openUnsafe
    ) {
        self.client = client
        self.path = path
        self.kind = kind
        self.data = data
        self.acl = acl
    }

    /// Waits for the lock. ``path`` and what is above it are created when missing.
    ///
    /// - Throws: ``RecipeError/timedOut(path:)`` after `timeout`, `CancellationError`, or `ZooKeeperError`; the place in the
    ///   queue is given up then.
    public func acquire(timeout: Duration? = nil) async throws -> Held {
        let candidacy = try await Candidacy.enter(client, parent: path, suffix: kind.suffix, data: data, acl: acl)
        let kind = kind
        do {
            let isTurn = try await candidacy.waitForTurn(timeout: timeout) {
                kind != .read || !$0.name.contains(Kind.read.suffix)
            }
            guard isTurn else { throw RecipeError.timedOut(path: path) }
            return Held(candidacy: candidacy)
        } catch {
            try await candidacy.leave()
            throw error
        }
    }

    /// Runs `body` while the lock is held. When the lock is lost `body` is cancelled.
    public func withLock<R: Sendable>(
        timeout: Duration? = nil, _ body: @escaping @Sendable (Held) async throws -> R
    ) async throws -> R {
        try await acquire(timeout: timeout).run(body)
    }

    /// The data of the znodes in the queue, holder first.
    public func contenders() async throws -> [(path: ZnodePath, data: [UInt8]?)] {
        try await client.contenders(of: path)
    }
}

extension ZooKeeperClient {
    /// Those in a queue in their order, with their data.
    func contenders(of path: ZnodePath) async throws -> [(path: ZnodePath, data: [UInt8]?)] {
        let names: [String]
        do {
            names = try await getChildren(path)
        } catch let error as ZooKeeperError where error.code == .noNode {
            return []
        }
        var result: [(path: ZnodePath, data: [UInt8]?)] = []
        for contender in names.compactMap(Contender.init(name:)).sorted() {
            let child = path.appending(contender.name)
            do {
                result.append((child, try await getData(child).data))
            } catch let error as ZooKeeperError where error.code == .noNode {
                continue  // It left in between.
            }
        }
        return result
    }
}
