public import ZKCore
public import ZKStore
import ZKTree

/// A tree as it was at one moment, made from snapshots and logs. It never changes, so that any thread may read it.
///
/// What a client of a server sees, this tells too, and what no server tells besides: kinds of znodes, sessions, owners.
public final class Replica: @unchecked Sendable {
    /// Never changed once it is here.
    let tree: ZnodeTree
    /// What it was made from.
    public let origin: ReplicaOrigin

    init(tree: consuming ZnodeTree, origin: ReplicaOrigin) {
        self.tree = tree
        self.origin = origin
    }

    /// The last txn that is in it.
    public var zxid: Zxid { origin.zxid }

    /// The znodes, the root and those of the system among them.
    public var znodeCount: Int { tree.znodeCount }

    /// The bytes of all data and paths, as `approximate_data_size` counts them.
    public var dataBytes: Int { tree.dataBytes }

    /// The sessions that are open, and their timeouts in milliseconds.
    public var sessions: [Int64: Int32] { tree.sessions }

    /// The znode at `path`; nil when there is none.
    public func znode(_ path: ZnodePath) -> ReplicaZnode? {
        let index = tree.findCommitted(path.string)
        return index == 0 ? nil : ReplicaZnode(replica: self, index: index)
    }

    /// The root.
    public var root: ReplicaZnode { ReplicaZnode(replica: self, index: tree.findCommitted("/")) }

    /// The ephemeral znodes of a session, sorted by their bytes.
    public func ephemeralPaths(of session: Int64) -> [ZnodePath] {
        tree.ephemeralPaths(of: session).map(\.string).sorted().map { ZnodePath(unchecked: $0) }
    }

    /// The sessions that own ephemeral znodes.
    public var sessionsWithEphemerals: [Int64] { tree.sessionsWithEphemerals.sorted() }

    /// The digest of all znodes, as Apache ZooKeeper computes it in version 2. Computed each time, in the time of a
    /// checksum over everything.
    public var digest: UInt64 { tree.sumOfDigests() }
}

/// How a ``Replica`` came about.
public struct ReplicaOrigin: Hashable, Sendable {
    /// The last txn that is in it.
    public var zxid: Zxid
    /// The time of that txn; nil when no log has it.
    public var millis: Int64?
    /// The path of the snapshot that it started from; nil when it started from nothing.
    public var snapshot: String?
    public var snapshotZxid = Zxid.zero
    public var snapshotSummary = SnapshotSummary()
    public var txnsReplayed = 0
    /// Txns that were skipped; only where that was allowed.
    public var holes: [TxnHole] = []
    /// The digest that the last record tells of this very state; nil where it tells none.
    public var loggedDigest: TxnDigest?
    /// What people should know, one line each.
    public var notices: [String] = []

    /// Up to here what the snapshot holds may be newer than its name; nil when it does not tell.
    public var windowEnd: Zxid? { snapshotSummary.trailers.windowEnd }
}

extension SnapshotTrailers {
    /// The last txn that may be partly in the snapshot; nil when it does not tell. Source: `FileTxnSnapLog.save`.
    public var windowEnd: Zxid? {
        guard let digest else { return lastProcessedZxid }
        return max(digest.zxid, lastProcessedZxid ?? digest.zxid)
    }
}
