internal import Synchronization

/// The lines that were typed in this shell and, before them, those of the history file.
public final class CommandHistory: Sendable {
    private let lines = Mutex<[String]>([])
    private let wasCleared = Mutex(false)

    public init() {}

    /// Oldest first.
    public var all: [String] { lines.withLock { $0 } }

    public var last: String? { lines.withLock { $0.last } }

    public func append(_ line: String) {
        lines.withLock { lines in
            if lines.count >= HistoryPolicy.entriesMax { lines.removeFirst() }
            lines.append(line)
        }
    }

    /// Forgets all lines. The line editor and the history file follow after the command.
    public func clear() {
        lines.withLock { $0 = [] }
        wasCleared.withLock { $0 = true }
    }

    /// Whether ``clear()`` was called since this was last asked.
    func takeClearing() -> Bool {
        wasCleared.withLock { cleared in
            defer { cleared = false }
            return cleared
        }
    }

    public func replaceAll(with new: [String]) {
        lines.withLock { $0 = new }
    }
}
