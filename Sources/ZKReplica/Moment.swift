public import ZKCore

/// Which state of a tree is meant.
public enum Moment: Hashable, Sendable {
    /// After the last whole txn that is on the disk.
    case now
    /// After the last txn whose zxid is not above this one.
    case zxid(Zxid)
    /// After the last txn, in the order of zxids, whose time is not above this one. Milliseconds since 1970.
    case time(millis: Int64)
}
