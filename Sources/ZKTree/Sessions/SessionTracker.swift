/// A session that is open. It outlives its connections.
package final class Session {
    package let id: Int64
    package internal(set) var timeoutMillis: Int64
    /// When the last request came. Written by the loop of its connection, read by ``SessionTracker/expire(nowMillis:)``.
    package var lastHeardMillis: Int64
    fileprivate let openedMillis: Int64
    /// Whether its closeSession was prepared: requests that come now are dropped.
    package internal(set) var isClosing = false
    /// The connection that has the session, by its number.
    package var owner: UInt32?
    /// Writes in flight that came over connections which no longer have the session: the next one waits for them.
    package var orphanedWrites = 0
    /// The end of the bucket in which expiry looks at this session next.
    fileprivate var bucket: Int64 = 0

    init(id: Int64, timeoutMillis: Int64, nowMillis: Int64) {
        self.id = id
        self.timeoutMillis = timeoutMillis
        lastHeardMillis = nowMillis
        openedMillis = nowMillis
    }
}

/// Knows the open sessions and when they expire. Time is an argument, in milliseconds of any clock that only grows.
///
/// A session expires at the end of the tick after its timeout. Requests only note the time; a session is moved to a
/// later bucket when its present one is due. Source: `SessionTrackerImpl`, `ExpiryQueue`.
package struct SessionTracker {
    package private(set) var sessions: [Int64: Session] = [:]
    private var buckets: [Int64: Set<Int64>] = [:]
    private var nextBucket: Int64
    private let tickMillis: Int64
    private var nextID: Int64
    /// How old a session may become, however often it is heard of; nil for any age.
    private let lifetimeMillisMax: Int64?

    /// - Parameter seedMillis: the wall clock: IDs follow from it, and so do not come again after a restart.
    package init(
        tickMillis: Int64, serverID: Int64, seedMillis: Int64, nowMillis: Int64, lifetimeMillisMax: Int64? = nil
    ) {
        self.lifetimeMillisMax = lifetimeMillisMax
        self.tickMillis = max(1, tickMillis)
        let bits = UInt64(bitPattern: seedMillis << 24) >> 8
        nextID = Int64(bitPattern: bits) | serverID << 56
        nextBucket = 0
        nextBucket = bucket(of: nowMillis)
    }

    package func session(_ id: Int64) -> Session? { sessions[id] }

    /// An ID that no session has had: never 0, nor one that marks a container or a TTL znode.
    package mutating func makeID() -> Int64 {
        defer { nextID &+= 1 }
        return nextID
    }

    @discardableResult
    package mutating func open(_ id: Int64, timeoutMillis: Int64, nowMillis: Int64) -> Session {
        if let session = sessions[id] {
            session.timeoutMillis = timeoutMillis
            session.lastHeardMillis = nowMillis
            reschedule(session)
            return session
        }
        let session = Session(id: id, timeoutMillis: timeoutMillis, nowMillis: nowMillis)
        sessions[id] = session
        schedule(session)
        return session
    }

    /// From here on requests of the session are dropped, and it does not expire any more.
    package mutating func startClosing(_ id: Int64) {
        guard let session = sessions[id], !session.isClosing else { return }
        session.isClosing = true
        unschedule(session)
    }

    package mutating func remove(_ id: Int64) {
        guard let session = sessions.removeValue(forKey: id) else { return }
        unschedule(session)
    }

    /// The sessions whose time is over. They stay until ``startClosing(_:)``.
    package mutating func expire(nowMillis: Int64) -> [Session] {
        var expired: [Session] = []
        while nextBucket <= nowMillis {
            for id in buckets.removeValue(forKey: nextBucket) ?? [] {
                guard let session = sessions[id] else { continue }
                session.bucket = 0
                let due = expiryMillis(of: session)
                if due > nextBucket {
                    schedule(session)
                } else {
                    expired.append(session)
                }
            }
            nextBucket += tickMillis
        }
        return expired.sorted { $0.id < $1.id }
    }

    /// When the session would expire if nothing more came from it.
    package func expiryMillis(of session: Session) -> Int64 {
        let due = session.lastHeardMillis + session.timeoutMillis
        return bucket(of: lifetimeMillisMax.map { min(due, session.openedMillis + $0) } ?? due)
    }

    private func bucket(of millis: Int64) -> Int64 { (millis / tickMillis + 1) * tickMillis }

    private mutating func schedule(_ session: Session) {
        session.bucket = max(nextBucket, expiryMillis(of: session))
        buckets[session.bucket, default: []].insert(session.id)
    }

    private mutating func unschedule(_ session: Session) {
        buckets[session.bucket]?.remove(session.id)
        if buckets[session.bucket]?.isEmpty == true { buckets[session.bucket] = nil }
        session.bucket = 0
    }

    private mutating func reschedule(_ session: Session) {
        guard !session.isClosing else { return }
        unschedule(session)
        schedule(session)
    }
}
