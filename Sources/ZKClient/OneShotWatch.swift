public import ZKCore

/// A watch that goes off once, at the next change of what was read with it.
///
/// It survives reconnects: a change that happened meanwhile sets it off. Letting go of the object gives it up; as long as
/// it is held its client lives, unless it is closed.
public final class OneShotWatch: Sendable {
    private let cell: WatchCell
    private let client: ZooKeeperClient

    init(cell: WatchCell, client: ZooKeeperClient) {
        self.cell = cell
        self.client = client
    }

    deinit {
        if cell.abandon() { client.driver.forget(cell) }
    }

    public var path: ZnodePath { cell.path }
    public var kind: ArmedWatch.Kind { cell.kind }

    /// Waits for the event. Once there, it is given to each caller, at once.
    ///
    /// - Throws: ``ZooKeeperError`` with `.sessionExpired` when the session is over, `.clientClosed` when the client
    ///   was closed: the watch can no longer go off. `CancellationError` when the task is cancelled; the watch stays
    ///   armed then.
    public func event() async throws -> WatchEvent {
        try await cell.event()
    }
}
