internal import Synchronization

extension ZooKeeperClient {
    /// How the session came to be over; nil while it is not.
    public var sessionEnd: SessionEnd? { driver.published.withLock { $0.end } }

    /// Whether the ensemble may have ended the session, or soon may, without this client knowing: the connection is
    /// lost, the server has no quorum, or nothing that was sent within the last two thirds of the session timeout has
    /// been answered.
    ///
    /// Right also in a process that was stopped and goes on: it is the clock that tells, not an event. What only the
    /// owner of an ephemeral znode may do must not be begun while this is true, and must be stopped when it becomes
    /// true.
    public var isUncertain: Bool { driver.isUncertain }

    /// Returns when the session is uncertain (see ``isUncertain``), at once when it is so now or the session is over.
    ///
    /// - Throws: `CancellationError` alone.
    public func untilUncertain() async throws {
        try await driver.untilUncertain()
    }

    /// The earliest moment at which the ensemble may end the session, as far as is known now: the session timeout after
    /// the newest request that it has answered was sent. Nil before the first connect. It moves on with each answer.
    public var earliestExpiry: ContinuousClock.Instant? { driver.earliestExpiry }
}
