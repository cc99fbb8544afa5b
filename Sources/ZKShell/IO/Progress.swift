import Glibc
internal import Synchronization

/// A line on stderr that says how far long work has come: shown on a terminal, after a second.
public final class Progress: Sendable {
    private struct State {
        var done = 0
        var total: Int?
        var isShown = false
        var lastMillis: Int64
    }

    private let what: String
    private let isEnabled: Bool
    private let state: Mutex<State>
    private static let firstMillis: Int64 = 1000
    private static let intervalMillis: Int64 = 100

    /// - Parameter what: what is counted, such as `znodes`.
    public init(_ what: String, total: Int? = nil, isEnabled: Bool) {
        self.what = what
        self.isEnabled = isEnabled
        let now = Progress.nowMillis()
        state = Mutex(State(total: total, lastMillis: now + Self.firstMillis - Self.intervalMillis))
    }

    public func add(_ count: Int = 1) {
        let line: String? = state.withLock { state in
            state.done += count
            guard isEnabled else { return nil }
            let now = Progress.nowMillis()
            guard now - state.lastMillis >= Self.intervalMillis else { return nil }
            state.lastMillis = now
            state.isShown = true
            return Progress.line(what, done: state.done, total: state.total)
        }
        if let line { try? Output.writeAll(Array("\r\(line)\u{1b}[K".utf8), to: STDERR_FILENO) }
    }

    public var done: Int { state.withLock { $0.done } }

    /// Takes the line off the screen.
    public func finish() {
        let wasShown = state.withLock { state in
            defer { state.isShown = false }
            return state.isShown
        }
        if wasShown { try? Output.writeAll(Array("\r\u{1b}[K".utf8), to: STDERR_FILENO) }
    }

    private static func line(_ what: String, done: Int, total: Int?) -> String {
        guard let total, total > 0 else { return "\(done) \(what)" }
        let width = 30
        let filled = min(width, done * width / total)
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
        return "[\(bar)] \(min(100, done * 100 / total))% \(done) of \(total) \(what)"
    }

    private static func nowMillis() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}

extension ShellContext {
    /// Progress of this command, shown when stderr is a terminal and the output is not mixed into the same one.
    public func progress(_ what: String, total: Int? = nil) -> Progress {
        Progress(what, total: total, isEnabled: isatty(STDERR_FILENO) == 1 && !options.isQuiet && !output.isTerminal)
    }
}
