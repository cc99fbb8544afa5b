internal import Synchronization
internal import ZKClient

/// What commands that follow one another in a script ask for, all of them by one request.
///
/// A server deals with requests of one connection one by one, so that a request costs more than what it asks for.
final class SharedRequest<Part: Sendable, Answer: Sendable>: Sendable {
    /// Gives an answer for each part. When it throws, nothing of what was asked for has happened.
    typealias Together = @Sendable ([Part]) async throws -> [Result<Answer, ZooKeeperError>]
    typealias Alone = @Sendable (Part) async throws -> Answer

    private struct Waiter {
        var part: Part
        var continuation: CheckedContinuation<Answer?, any Error>

        /// Returns whether there was an answer.
        func resume(_ answer: Alone) async -> Bool {
            do {
                continuation.resume(returning: try await answer(part))
                return true
            } catch {
                continuation.resume(throwing: error)
                return false
            }
        }
    }

    private struct State {
        var waiters: [Waiter] = []
        var isSent = false
    }

    private let inTurn: Bool
    private let together: Together
    private let alone: Alone
    private let state = Mutex(State())

    /// - Parameters:
    ///   - inTurn: whether, after a failure of all, each part waits for the one before it, and the first that fails is the
    ///     last: those behind it are cancelled. Otherwise they are asked for at a time, in their order.
    ///   - together: called once, with all parts.
    ///   - alone: called for each part after a failure: each hears in its own words what is wrong.
    init(inTurn: Bool = false, together: @escaping Together, alone: @escaping Alone) {
        self.inTurn = inTurn
        self.together = together
        self.alone = alone
    }

    /// Waits until ``send()`` has got the answer.
    func answer(to part: Part) async throws -> Answer {
        let answer = try await withCheckedThrowingContinuation { continuation in
            let isLate = state.withLock { state in
                if !state.isSent { state.waiters.append(Waiter(part: part, continuation: continuation)) }
                return state.isSent
            }
            // Nobody will send it: nil has it asked for alone.
            if isLate { continuation.resume(returning: nil) }
        }
        return if let answer { answer } else { try await alone(part) }
    }

    /// Asks for everything that is waited for; what comes later is asked for alone.
    func send() async {
        let waiters = state.withLock { state in
            defer { state = State(isSent: true) }
            return state.waiters
        }
        guard !waiters.isEmpty else { return }
        do {
            let answers = try await together(waiters.map(\.part))
            for (waiter, answer) in zip(waiters, answers) { waiter.continuation.resume(with: answer.map { $0 }) }
        } catch {
            await sendEach(waiters)
        }
    }

    private func sendEach(_ waiters: [Waiter]) async {
        if inTurn {
            var isFirstFailureAhead = true
            for waiter in waiters {
                if isFirstFailureAhead {
                    isFirstFailureAhead = await waiter.resume(alone)
                } else {
                    waiter.continuation.resume(throwing: CancellationError())
                }
            }
            return
        }
        await withDiscardingTaskGroup { group in
            for waiter in waiters {
                // Immediate: the request takes its place in the queue before the next one does.
                group.addImmediateTask { [alone] in _ = await waiter.resume(alone) }
            }
        }
    }
}
