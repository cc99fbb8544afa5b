import ZKText

/// Cuts a script into logical lines as its bytes arrive.
struct ScriptReader {
    enum Step {
        /// What a logical line holds, and the number of its first line.
        case list(CommandList, line: Int)
        case mistake(SyntaxError, line: Int)
        case end
    }

    private let dialect: CommandListParser.Dialect
    private let read: () async throws -> [UInt8]
    private var buffer: [UInt8] = []
    private var offset = 0
    private var line = 1
    private var isAtEnd = false
    private var isBegun = false

    /// - Parameter read: gives the next bytes, none at the end.
    init(dialect: CommandListParser.Dialect = .zoosh, read: @escaping () async throws -> [UInt8]) {
        self.dialect = dialect
        self.read = read
    }

    init(bytes: [UInt8], dialect: CommandListParser.Dialect = .zoosh) {
        self.init(dialect: dialect) { [] }
        buffer = bytes
        isAtEnd = true
    }

    mutating func next() async throws -> Step {
        while true {
            if let step = nextBuffered() { return step }
            try await fill()
        }
    }

    /// The next step if no more bytes have to be read for it.
    mutating func nextBuffered() -> Step? {
        if offset < buffer.count, isAtEnd || buffer[offset...].contains(.newline), let step = parse() { return step }
        return isAtEnd ? .end : nil
    }

    /// Nil when the buffer ends inside a command.
    private mutating func parse() -> Step? {
        if !isBegun {
            isBegun = true
            if buffer.starts(with: LocalFile.byteOrderMark) { offset = LocalFile.byteOrderMark.count }
        }
        let first = line
        do throws(SyntaxError) {
            switch try CommandListParser.parse(buffer, from: offset, isFinal: isAtEnd, dialect: dialect) {
            case .incomplete: return nil
            case .list(let list, let end):
                advance(to: end)
                return .list(list, line: first)
            }
        } catch {
            advance(to: error.resumeOffset)
            return .mistake(error, line: first + error.lineOffset)
        }
    }

    private mutating func advance(to end: Int) {
        for byte in buffer[offset..<end] where byte == .newline { line += 1 }
        offset = end
    }

    /// Reads at least as much as the unfinished command has, so that a long one is not parsed again for each piece.
    private mutating func fill() async throws {
        buffer.removeFirst(offset)
        offset = 0
        let goal = buffer.count * 2
        repeat {
            let piece = try await read()
            if piece.isEmpty {
                isAtEnd = true
                return
            }
            buffer.append(contentsOf: piece)
            // A pipe that somebody types into delivers line by line: do not wait for more than a command.
            if piece.count < 1 << 16 { return }
        } while buffer.count < goal
    }
}
