public import ZKCore

/// Takes what recovery finds: a snapshot, then the txns after it.
///
/// A snapshot may turn out to be damaged in its last byte. Then ``reset()`` is called and an older one follows.
public protocol RecoverySink: SnapshotSink {
    /// Forgets everything: what follows starts from a fresh tree without sessions.
    mutating func reset()

    /// The snapshot is whole. Its znodes may be newer than `zxid`; from there on txns are replayed.
    mutating func snapshotLoaded(zxid: Zxid, trailers: SnapshotTrailers)

    /// The next txn; it may already be in the znodes of the snapshot. Called for error txns too, so that the last zxid
    /// is known.
    mutating func replay(_ header: TxnHeader, _ txn: Txn, _ digest: TxnDigest?) throws(RecoveryRefusal)
}

/// What recovery found and did.
public struct RecoveryReport: Hashable, Sendable {
    public struct TornTail: Hashable, Sendable {
        /// The path of the log.
        public var log: String
        public var offset: Int64
        public var bytes: Int64
        /// The path of the file that has the bytes now; nil when nothing was written.
        public var keptAs: String?
    }

    /// The last zxid that was ever given, as far as the files tell: that of the snapshot or of the last txn.
    public var lastZxid = Zxid.zero
    /// The path of the snapshot it started from; nil when there was none.
    public var snapshot: String?
    public var snapshotZxid = Zxid.zero
    public var snapshotSummary = SnapshotSummary()
    public var txnsReplayed = 0
    public var tornTail: TornTail?
    /// Whether the directory held nothing: the first start.
    public var isNew = false
    /// What people should know, one line each.
    public var notices: [String] = []

    public init() {}
}
