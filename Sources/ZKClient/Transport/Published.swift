internal import ZKCore

/// What any thread may know of the session.
///
/// Nothing is yielded while the lock is held that guards this: who reads a stream may be about to leave it, and would
/// want the lock while it holds one that the stream wants.
struct Published {
    private(set) var state = SessionState.connecting
    var session: SessionInfo
    /// Nil while the session is not over.
    private(set) var end: SessionEnd?
    /// Why each host was last given up, by its place in the connect string.
    var failures: [String?]
    /// Whether each of them comes again however often it is tried.
    var isLasting: [Bool]
    /// The host that is being connected to, what is waited for, and since when.
    var trying: (host: Int, step: ConnectStep, since: Int64)?
    /// Tells the present state to those who come later; nil before the first connect.
    private(set) var lastEvent: SessionEvent?
    /// Grows with each event.
    private(set) var eventCount = 0
    private var subscribers: [Int: AsyncStream<SessionEvent>.Continuation] = [:]
    private var nextSubscriber = 0

    init(session: SessionInfo, hostCount: Int) {
        self.session = session
        failures = Array(repeating: nil, count: hostCount)
        isLasting = Array(repeating: false, count: hostCount)
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

    /// Changes the state, and returns those who are to hear of it once the lock is released.
    mutating func change(to state: SessionState, _ event: SessionEvent) -> [AsyncStream<SessionEvent>.Continuation] {
        self.state = state
        lastEvent = event
        eventCount += 1
        return Array(subscribers.values)
    }

    /// Like `change`; the streams of those that are returned end behind the event.
    mutating func finish(with end: SessionEnd) -> [AsyncStream<SessionEvent>.Continuation] {
        self.end = end
        session.server = nil
        defer { subscribers = [:] }
        return change(to: end.state, end.event)
    }
}

extension [AsyncStream<SessionEvent>.Continuation] {
    func yield(_ event: SessionEvent) {
        for continuation in self { continuation.yield(event) }
    }
}

extension SessionEnd {
    fileprivate var state: SessionState {
        switch self {
        case .expired, .replaced, .givenUp: .expired
        case .authFailed: .authFailed
        case .closed, .unusable: .closed
        }
    }

    var event: SessionEvent {
        switch self {
        case .expired, .replaced, .givenUp: .expired
        case .authFailed: .authFailed
        case .closed, .unusable: .closed
        }
    }
}
