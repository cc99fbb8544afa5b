/// The pauses between tries that fail: each twice as long as the one before, up to a limit, and a bit random so that many
/// clients do not come back in step.
public struct RetryPause: Sendable {
    public let shortest: Duration
    public let longest: Duration
    private var next: Duration

    public init(shortest: Duration = .milliseconds(50), longest: Duration = .seconds(2)) {
        self.shortest = shortest
        self.longest = longest
        next = shortest
    }

    /// How long to pause now; the next answer is longer.
    public mutating func take() -> Duration {
        defer { next = min(longest, next * 2) }
        return next * Double.random(in: 0.75...1)
    }

    /// Sleeps for the next pause.
    ///
    /// - Throws: `CancellationError`.
    public mutating func sleep() async throws {
        try await Task.sleep(for: take())
    }

    /// A try has succeeded: pauses begin short again.
    public mutating func reset() {
        next = shortest
    }
}
