internal import Synchronization
internal import ZKClient

/// What commands that follow one another in a script ask for, all of them by one request.
///
/// A server deals with requests of one connection one by one, so that a request costs more than what it asks for.
final class SharedRequest<Part: Sendable, Answer: Sendable>: Sendable {
    private struct Waiter {
        var part: Part
        var continuation: CheckedContinuation<Answer, any Error>

        /// Returns whether there was an answer.
        func resume(_ answer: (Part) async throws -> Answer) async -> Bool {
            do {
                continuation.resume(returning: try await answer(part))
                return true
            } catch {
                continuation.resume(throwing: error)
                return false
            }
        }
    }

    private let waiters = Mutex<[Waiter]>([])

    /// Waits until ``send(together:alone:)`` has got the answer.
    func answer(to part: Part) async throws -> Answer {
        try await withCheckedThrowingContinuation { continuation in
            waiters.withLock { $0.append(Waiter(part: part, continuation: continuation)) }
        }
    }

    /// Asks for everything that is waited for. Must be called once after the last call of ``answer(to:)``.
    ///
    /// - Parameters:
    ///   - inTurn: see `alone`.
    ///   - together: gives an answer for each part. When it throws, nothing of what was asked for has happened.
    ///   - alone: called for each part then, in their order: each hears in its own words what is wrong. All at a time, or
    ///     in turn up to the first failure; those behind it are cancelled.
    func send(
        inTurn: Bool = false,
        together: ([Part]) async throws -> [Result<Answer, ZooKeeperError>],
        alone: @escaping @Sendable (Part) async throws -> Answer
    ) async {
        let waiters = waiters.withLock { waiters in
            defer { waiters = [] }
            return waiters
        }
        do {
            let answers = try await together(waiters.map(\.part))
            for (waiter, answer) in zip(waiters, answers) { waiter.continuation.resume(with: answer) }
        } catch {
            if inTurn {
                var hasFailed = false
                for waiter in waiters {
                    if hasFailed {
                        waiter.continuation.resume(throwing: CancellationError())
                    } else {
                        hasFailed = await !waiter.resume(alone)
                    }
                }
            } else {
                await withDiscardingTaskGroup { group in
                    for waiter in waiters {
                        // Immediate: the request takes its place in the queue before the next one does.
                        group.addImmediateTask { _ = await waiter.resume(alone) }
                    }
                }
            }
        }
    }
}
