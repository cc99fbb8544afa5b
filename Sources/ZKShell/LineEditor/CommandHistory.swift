internal import Synchronization

/// The lines that were typed in this shell and, before them, those of the history file.
public final class CommandHistory: Sendable {
    private let lines = Mutex<[String]>([])

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

    public func replaceAll(with new: [String]) {
        lines.withLock { $0 = new }
    }
}
