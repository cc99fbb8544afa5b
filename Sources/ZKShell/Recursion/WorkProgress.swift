internal import Synchronization

/// The line on stderr that says how far long work has come. Shown when stderr is a terminal, and from the second second
/// on.
final class WorkProgress: Sendable {
    private struct State {
        var done = 0
        var shownAt: ContinuousClock.Instant?
        var isShown = false
    }

    private let diagnostics: Diagnostics
    private let what: String
    private let total: Int?
    private let isEnabled: Bool
    private let start = ContinuousClock.now
    private let state = Mutex(State())

    private static let delay = Duration.seconds(1)
    private static let interval = Duration.milliseconds(100)
    private static let barColumns = 24

    /// - Parameters:
    ///   - total: how many there will be, when that is known.
    ///   - isSilent: the command prints nothing meanwhile. Output to the same terminal shows the progress by itself.
    init(_ what: String, total: Int? = nil, isSilent: Bool = false, in shell: ShellContext) {
        self.what = what
        self.total = total
        diagnostics = shell.session.diagnostics
        isEnabled = diagnostics.isTerminal && (isSilent || !shell.output.isTerminal) && !shell.options.isQuiet
    }

    func advance(by count: Int) {
        guard isEnabled else { return }
        let now = ContinuousClock.now
        let done = state.withLock { state -> Int? in
            state.done += count
            guard now - start > Self.delay, state.shownAt.map({ now - $0 > Self.interval }) ?? true else { return nil }
            state.shownAt = now
            state.isShown = true
            return state.done
        }
        if let done { diagnostics.showStatus(line(done, after: now - start)) }
    }

    /// Takes the line away.
    func finish() {
        let wasShown = state.withLock { state in
            defer { state.isShown = false }
            return state.isShown
        }
        if wasShown { diagnostics.showStatus("") }
    }

    private func line(_ done: Int, after elapsed: Duration) -> String {
        let seconds = max(0.001, Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18)
        let rate = "\(Int(Double(done) / seconds))/s"
        guard let total, total > 0 else { return "\(what): \(done) znodes, \(rate)" }
        let filled = min(Self.barColumns, done * Self.barColumns / total)
        let bar = String(repeating: "#", count: filled) + String(repeating: "-", count: Self.barColumns - filled)
        return "\(what): [\(bar)] \(done)/\(total) znodes, \(rate)"
    }
}
