internal import Synchronization

/// What is known of the ensemble's clock for this session.
extension SessionDriver {
    var isUncertain: Bool {
        now - lastConfirmed.load(ordering: .acquiring) >= certainMillis.load(ordering: .acquiring)
    }

    var earliestExpiry: ContinuousClock.Instant? {
        let session = published.withLock { $0.session }
        guard session.id != 0 else { return nil }
        return Self.epoch + .milliseconds(lastConfirmed.load(ordering: .acquiring)) + session.timeout
    }

    func untilUncertain() async throws {
        try await withWaiter { waiter in
            guard self.isLive, self.machine.isCertain(now: self.now) else { return waiter.finish(.success(())) }
            self.doubtWaiters.append(waiter)
        } onCancel: { waiter in
            self.doubtWaiters.removeAll { $0 === waiter }
        }
    }

    func finishDoubtWaiters() {
        let waiters = doubtWaiters
        doubtWaiters = []
        for waiter in waiters { waiter.finish(.success(())) }
    }

    /// A connection serves.
    func noteCertainty(isReadOnly: Bool) {
        lastConfirmed.store(machine.lastConfirmed, ordering: .releasing)
        certainMillis.store(isReadOnly ? 0 : machine.readTimeoutMillis, ordering: .releasing)
    }

    /// Tells the machine what has come by one read. Notifications are no answer: a server sends them also to one whose
    /// own words do not reach it. Parts of a long answer are one.
    func noteAnswers(from connection: ConnectionHandler) {
        if hasReply || connection.isWithinFrame { machine.heard(now: now) }
        hasReply = false
        guard let sentAt = answeredSentAt else { return }
        answeredSentAt = nil
        machine.confirmed(sentAt: sentAt)
        lastConfirmed.store(machine.lastConfirmed, ordering: .releasing)
    }
}
