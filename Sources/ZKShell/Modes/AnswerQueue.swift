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
        /// By place, without those that were taken.
        var answers: [Int: Answer] = [:]
        var reserved = 0
        var taken = 0
        var waiter: (end: Int, continuation: CheckedContinuation<Void, Never>)?

        func has(upTo end: Int) -> Bool {
            answers.count >= end - taken && (taken..<end).allSatisfy { answers[$0] != nil }
        }
    }

    private let state = Mutex(State())

    /// How many places have been reserved whose answers were not taken.
    var outstandingCount: Int { state.withLock { $0.reserved - $0.taken } }

    /// The next place in the order. An answer must be put there, once.
    func reserve() -> Int {
        state.withLock { state in
            defer { state.reserved += 1 }
            return state.reserved
        }
    }

    func put(_ answer: Answer, at place: Int) {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.answers[place] = answer
            guard let waiter = state.waiter, state.has(upTo: waiter.end) else { return nil }
            state.waiter = nil
            return waiter.continuation
        }
        waiter?.resume()
    }

    /// Waits for the answers that were not taken yet, without the last `count` of them.
    func take(allBut count: Int) async -> [Answer] {
        let end = state.withLock { max($0.taken, $0.reserved - count) }
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
