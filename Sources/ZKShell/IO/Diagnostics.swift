import Glibc
import Synchronization
internal import ZKText

/// stderr: errors, warnings and notes, one line each.
public final class Diagnostics: Sendable {
    private struct State {
        var collected: [String] = []
        var sink: (@Sendable (String) -> Void)?
        /// How many programs have the terminal.
        var holds = 0
        var held: [String] = []
        var heldBytes = 0
        /// How many of the oldest did not find room.
        var leftOut = 0
        /// Whether the terminal's last line is one of ``showStatus(_:)``.
        var hasStatus = false
    }

    private let descriptor: Int32?
    private let state = Mutex(State())

    public init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    private init() {
        descriptor = nil
    }

    /// Whether a person reads along.
    public var isTerminal: Bool { descriptor.map { isatty($0) == 1 } ?? false }

    /// Shows `text` in place of the terminal's last line, which the next call replaces; empty to take it away.
    func showStatus(_ text: String) {
        guard let descriptor else { return }
        let line = "\r" + TerminalText.escaped(String(text.prefix(200))) + "\u{1b}[K"
        state.withLock { $0.hasStatus = !text.isEmpty }
        // Nothing can be said about a stderr that is broken.
        try? Output.writeAll(Array(line.utf8), to: descriptor)
    }

    /// Keeps the lines, for ``takeLines()``.
    public static func memory() -> Diagnostics { Diagnostics() }

    /// Lines go to `sink` instead: the line editor prints them above the line that is being edited.
    public func redirect(to sink: (@Sendable (String) -> Void)?) {
        state.withLock { $0.sink = sink }
    }

    /// Writes `text` as one line, whatever is in it.
    public func writeLine(_ text: String) {
        let line = TerminalText.escaped(text)
        let sink = state.withLock { state -> (@Sendable (String) -> Void)? in
            if let sink = state.sink { return sink }
            if let descriptor {
                // Under the lock, so that no line comes after the prompt for which the sink was set. Nothing can be said
                // about a stderr that is broken.
                let eraser = state.hasStatus ? "\r\u{1b}[K" : ""
                state.hasStatus = false
                try? Output.writeAll(Array((eraser + line).utf8) + [.newline], to: descriptor)
            } else {
                state.collected.append(line)
            }
            return nil
        }
        sink?(line)
    }

    private static let heldBytesMax = 4 << 20

    /// Like ``writeLine(_:)``, for what has nothing to do with the command that runs: an event, a lost connection. It
    /// waits while a program such as an editor has the terminal.
    func notify(_ text: String) {
        let isHeld = state.withLock { state in
            guard state.holds > 0 else { return false }
            state.held.append(text)
            state.heldBytes += text.utf8.count
            if state.heldBytes > Self.heldBytesMax {
                // The oldest are the first that nobody misses.
                let count = state.held.count / 2 + 1
                state.leftOut += count
                state.held.removeFirst(count)
                state.heldBytes = state.held.reduce(0) { $0 + $1.utf8.count }
            }
            return true
        }
        if !isHeld { writeLine(text) }
    }

    /// Keeps notices back until ``releaseNotices()``.
    func holdNotices() {
        state.withLock { $0.holds += 1 }
    }

    func releaseNotices() {
        let lines = state.withLock { state -> [String] in
            state.holds -= 1
            guard state.holds == 0 else { return [] }
            defer {
                state.held = []
                state.heldBytes = 0
                state.leftOut = 0
            }
            return (state.leftOut > 0 ? ["\(state.leftOut) earlier notices were not kept"] : []) + state.held
        }
        for line in lines { writeLine(line) }
    }

    public func takeLines() -> [String] {
        state.withLock { state in
            defer { state.collected = [] }
            return state.collected
        }
    }
}
