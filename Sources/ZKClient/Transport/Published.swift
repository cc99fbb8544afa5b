internal import ZKCore

/// What any thread may know of the session.
struct Published {
    var state = SessionState.connecting
    var session: SessionInfo
    /// Why each host was last given up, by its place in the connect string.
    var failures: [String?]
    private var subscribers: [Int: AsyncStream<SessionEvent>.Continuation] = [:]
    private var nextSubscriber = 0

    init(session: SessionInfo, hostCount: Int) {
        self.session = session
        failures = Array(repeating: nil, count: hostCount)
    }

    /// How many events a subscriber may leave unread before it loses the oldest.
    static let bufferedEventsMax = 256

    mutating func subscribe(_ continuation: AsyncStream<SessionEvent>.Continuation) -> Int {
        nextSubscriber += 1
        subscribers[nextSubscriber] = continuation
        return nextSubscriber
    }

    mutating func unsubscribe(_ id: Int) {
        subscribers[id] = nil
    }

    func send(_ event: SessionEvent) {
        for subscriber in subscribers.values { subscriber.yield(event) }
    }

    /// Takes the subscribers, whose streams end.
    mutating func takeSubscribers() -> [AsyncStream<SessionEvent>.Continuation] {
        defer { subscribers = [:] }
        return Array(subscribers.values)
    }
}
