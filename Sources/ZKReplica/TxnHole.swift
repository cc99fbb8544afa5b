public import ZKCore

/// Txns that the files should have and have not.
public struct TxnHole: Hashable, Sendable {
    /// The last txn before the hole.
    public var after: Zxid
    /// The first txn behind it; nil when nothing is behind it.
    public var before: Zxid?
    /// Why: a line for people, with file and byte.
    public var reason: String

    /// Whether the state after `zxid` is not known because of the hole.
    public func hides(_ zxid: Zxid) -> Bool {
        zxid > after && (before.map { zxid < $0 } ?? true)
    }
}
