internal import Synchronization

/// Does `work` in a task of its own, which goes on whatever becomes of the caller.
///
/// - Parameters:
///   - limit: how long the caller waits for it; nil for as long as it takes.
///   - limitWhenCancelled: likewise from when the calling task is cancelled.
/// - Returns: what `work` has given; nil when the caller has waited long enough.
package func inBackground<Value: Sendable>(
    limit: Duration? = nil, limitWhenCancelled: Duration, _ work: @escaping @Sendable () async throws -> Value
) async throws -> Value? {
    let meeting = Meeting<Result<Value, any Error>?>()
    Task {
        do {
            meeting.come(with: .success(try await work()))
        } catch {
            meeting.come(with: .failure(error))
        }
    }
    let timer = limit.map { limit in Task { try await meeting.come(with: nil, after: limit) } }
    defer { timer?.cancel() }
    let result = await withTaskCancellationHandler {
        await meeting.value()
    } onCancel: {
        Task { try await meeting.come(with: nil, after: limitWhenCancelled) }
    }
    return try result?.get()
}

/// Where one who waits meets the first of those who come.
private final class Meeting<Value: Sendable>: Sendable {
    private enum State {
        case empty
        case waiting(CheckedContinuation<Value, Never>)
        case met(Value)
    }

    private let state = Mutex(State.empty)

    func come(with value: Value) {
        let waiting = state.withLock { state -> CheckedContinuation<Value, Never>? in
            switch state {
            case .empty:
                state = .met(value)
                return nil
            case .waiting(let continuation):
                state = .met(value)
                return continuation
            case .met: return nil
            }
        }
        waiting?.resume(returning: value)
    }

    func come(with value: Value, after pause: Duration) async throws {
        try await Task.sleep(for: pause)
        come(with: value)
    }

    /// For one caller, once.
    func value() async -> Value {
        await withCheckedContinuation { continuation in
            let value = state.withLock { state -> Value? in
                if case .met(let value) = state { return .some(value) }
                state = .waiting(continuation)
                return nil
            }
            if let value { continuation.resume(returning: value) }
        }
    }
}
