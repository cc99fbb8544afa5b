internal import ZKClient

/// Which events were reported lately: a change that several watches tell is reported once, as zkCli does.
struct RecentEvents {
    /// Further back than the watches that one change sets off can be behind each other.
    static let countMax = 1_024

    private var events: Set<WatchEvent> = []
    private var order: [WatchEvent] = []
    private var oldest = 0

    /// Returns whether the event is new.
    mutating func insert(_ event: WatchEvent) -> Bool {
        guard events.insert(event).inserted else { return false }
        if order.count < Self.countMax {
            order.append(event)
        } else {
            events.remove(order[oldest])
            order[oldest] = event
            oldest = (oldest + 1) % Self.countMax
        }
        return true
    }
}
