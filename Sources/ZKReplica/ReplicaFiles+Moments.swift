public import ZKCore
public import ZKStore

extension ReplicaFiles {
    /// The last zxid that belongs to a moment; nil for now.
    ///
    /// - Throws: `gap` when all txns of the logs are behind it.
    public func zxid(of moment: Moment) throws(StoreError) -> Zxid? {
        switch moment {
        case .now: nil
        case .zxid(let zxid): zxid
        case .time(let millis): try MomentSearch(self).lastZxid(notAfter: millis)
        }
    }

    /// The last zxid before a moment, for what begins with it.
    ///
    /// - Throws: `gap` when the logs do not reach back so far.
    public func zxid(before moment: Moment) throws(StoreError) -> Zxid {
        switch moment {
        case .now: Zxid(rawValue: .max)
        case .zxid(let zxid): Zxid(rawValue: zxid.rawValue - 1)
        case .time(let millis): try MomentSearch(self).lastZxid(notAfter: millis - 1)
        }
    }
}
