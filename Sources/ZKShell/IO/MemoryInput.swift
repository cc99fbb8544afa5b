import Synchronization

/// Input that is known beforehand: a here-document, the content of a file, or nothing.
public final class MemoryInput: InputSource {
    private let rest: Mutex<[UInt8]>
    private let answers: Mutex<[String]>
    private let asked = Mutex<[String]>([])
    public let isTerminal: Bool

    /// - Parameter answers: given to ``ask(_:echo:)`` one after the other, as if typed at a terminal.
    public init(_ bytes: [UInt8] = [], answers: [String] = []) {
        rest = Mutex(bytes)
        self.answers = Mutex(answers)
        isTerminal = !answers.isEmpty
    }

    /// What was asked, in order.
    var questions: [String] { asked.withLock { $0 } }

    public func read() async throws -> [UInt8] {
        rest.withLock { rest in
            let chunk = rest.prefix(1 << 16)
            rest.removeFirst(chunk.count)
            return Array(chunk)
        }
    }

    public func ask(_ prompt: String, echo: Bool) async throws -> String? {
        asked.withLock { $0.append(prompt) }
        return answers.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    }
}
