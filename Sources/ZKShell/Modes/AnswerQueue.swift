import Synchronization

/// What the commands of a ``Pipeline`` have to say, in the order of the commands.
///
/// Whoever waits is woken when all that it waits for is there, and not for each answer.
final class AnswerQueue: Sendable {
    struct Answer: Sendable {
        var status: ExitCode
        var output: [UInt8]
        var errors: [String]
    }

    private struct State {
        var answers: [Int: Answer] = [:]
        var taken = 0
        var waiter: (end: Int, continuation: CheckedContinuation<Void, Never>)?

        func has(upTo end: Int) -> Bool {
            answers.count >= end - taken && (taken..<end).allSatisfy { answers[$0] != nil }
        }
    }

    private let state = Mutex(State())

    /// Every number must be put once.
    func put(_ answer: Answer, number: Int) {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.answers[number] = answer
            guard let waiter = state.waiter, state.has(upTo: waiter.end) else { return nil }
            state.waiter = nil
            return waiter.continuation
        }
        waiter?.resume()
    }

    /// The answers that were not taken yet, those before `end`.
    func take(upTo end: Int) async -> [Answer] {
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state in
                if state.has(upTo: end) { return true }
                state.waiter = (end, continuation)
                return false
            }
            if isReady { continuation.resume() }
        }
        return state.withLock { state in
            defer { state.taken = end }
            return (state.taken..<end).compactMap { state.answers.removeValue(forKey: $0) }
        }
    }
}
