internal import ZKClient

/// Which events were reported lately: a change that several watches tell is reported once, as zkCli does.
struct RecentEvents {
    /// Further back than the watches that one change sets off can be behind each other.
    static let countMax = 1_024

    /// See ``WatchEvent/ordinal``.
    private var ordinals: Set<UInt64> = []
    private var order: [UInt64] = []
    private var oldest = 0

    /// Returns whether the event is new.
    mutating func insert(_ event: WatchEvent) -> Bool {
        guard ordinals.insert(event.ordinal).inserted else { return false }
        if order.count < Self.countMax {
            order.append(event.ordinal)
        } else {
            ordinals.remove(order[oldest])
            order[oldest] = event.ordinal
            oldest = (oldest + 1) % Self.countMax
        }
        return true
    }
}
