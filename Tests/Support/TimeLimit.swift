import Synchronization

/// A test waited too long.
public struct TimeLimitExceeded: Error, CustomStringConvertible {
    public let limit: Duration
    public let what: String

    public var description: String { "\(what): not done within \(limit)" }
}

/// Runs `body` and throws ``TimeLimitExceeded`` when it takes longer than `limit`, even if `body` does not heed its
/// cancellation.
public func withTimeLimit<Value: Sendable>(
    _ limit: Duration, _ what: String = "the operation", _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    let race = Race<Value>()
    let work = Task {
        do { race.finish(.success(try await body())) } catch { race.finish(.failure(error)) }
    }
    let alarm = Task {
        try await Task.sleep(for: limit)
        race.finish(.failure(TimeLimitExceeded(limit: limit, what: what)))
    }
    defer {
        work.cancel()
        alarm.cancel()
    }
    return try await withTaskCancellationHandler {
        try await race.value()
    } onCancel: {
        work.cancel()
    }
}

/// Waits until `condition` holds, for things that no event announces.
public func eventually(
    within limit: Duration = .seconds(20), _ what: String, _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < deadline else { throw TimeLimitExceeded(limit: limit, what: what) }
        try await Task.sleep(for: .milliseconds(10))
    }
}

/// The first result wins.
private final class Race<Value: Sendable>: Sendable {
    private struct State {
        var result: Result<Value, any Error>?
        var continuation: CheckedContinuation<Value, any Error>?
    }

    private let state = Mutex(State())

    func finish(_ result: Result<Value, any Error>) {
        let continuation = state.withLock { state -> CheckedContinuation<Value, any Error>? in
            guard state.result == nil else { return nil }
            state.result = result
            defer { state.continuation = nil }
            return state.continuation
        }
        continuation?.resume(with: result)
    }

    func value() async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let result = state.withLock { state in
                if state.result == nil { state.continuation = continuation }
                return state.result
            }
            if let result { continuation.resume(with: result) }
        }
    }
}
