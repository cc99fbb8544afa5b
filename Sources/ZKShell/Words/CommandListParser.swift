internal import ShellLanguage
internal import ZKText

/// Cuts shell input into words and commands.
///
/// - A quote opens a quoted part only at the start of a word, as in zkCli: `{"a":1}` is a word of seven characters.
/// - Operators are whole words: `3888;2181` is a word.
/// - A backslash escapes only what would be special where it stands: `C:\temp` keeps its backslash.
public struct CommandListParser {
    /// What is missing when the input ends in the middle of a command.
    public enum Missing: Hashable, Sendable {
        case closingQuote
        case joinedLine
        case commandAfterOperator
        case hereDocumentEnd
    }

    /// What is special in a line.
    public enum Dialect: Sendable {
        case zoosh
        /// Words and quotes; no operators, no comments, no system commands.
        case zkCLI
    }

    public enum Outcome: Hashable, Sendable {
        case list(CommandList, endOffset: Int)
        /// More input may complete the list. Not returned when the input is final.
        case incomplete(Missing)
    }

    private enum Stop: Error {
        case incomplete(Missing)
        case mistake(String)
    }

    private let input: [UInt8]
    private let start: Int
    private let isFinal: Bool
    private let dialect: Dialect
    private var index: Int
    private var lines = 0
    private var items: [CommandList.Item] = []
    private var current = Invocation(words: [])
    private var connector = CommandList.Connector.always
    /// The operator that still needs a command.
    private var openOperator: String?
    private var pendingDelimiters: [(item: Int, delimiter: [UInt8], line: Int)] = []
    /// The line where what is not closed was opened.
    private var openingLine: Int?

    /// Parses the logical line that starts at `start`.
    ///
    /// - Parameter isFinal: no more input follows `input`.
    public static func parse(
        _ input: [UInt8], from start: Int = 0, isFinal: Bool = true, dialect: Dialect = .zoosh
    ) throws(SyntaxError) -> Outcome {
        var parser = Self(input: input, start: start, isFinal: isFinal, dialect: dialect, index: start)
        do throws(Stop) {
            return .list(try parser.parseLine(), endOffset: parser.index)
        } catch {
            switch error {
            case .incomplete(let missing): return .incomplete(missing)
            case .mistake(let message):
                throw SyntaxError(
                    message: message, lineOffset: parser.openingLine ?? parser.lines, resumeOffset: parser.endOfLine())
            }
        }
    }

    private mutating func parseLine() throws(Stop) -> CommandList {
        while true {
            try skipBlanks()
            guard index < input.count else { break }
            let byte = input[index]
            if byte == .newline {
                index += 1
                lines += 1
                if openOperator != nil && current.words.isEmpty { continue }
                break
            }
            if current.words.isEmpty, dialect == .zoosh {
                if byte == UInt8(ascii: "#") {
                    skipToNewline()
                    continue
                }
                current.lineOffset = lines
                if byte == UInt8(ascii: "!") {
                    index += 1
                    current.systemCommand = try rawRestOfLine()
                    guard current.systemCommand?.bytes.isEmpty == false else {
                        throw .mistake("! needs a system command after it, as in `! date`")
                    }
                    try finishCommand()
                    continue
                }
            }
            try takeWord()
        }
        try finishCommand()
        try readHereDocuments()
        return CommandList(items: items)
    }

    // MARK: Words and operators

    private mutating func takeWord() throws(Stop) {
        if dialect == .zoosh, let (text, length) = operatorAtIndex() {
            index += length
            try apply(operator: text)
        } else {
            current.words.append(try word())
        }
    }

    /// The operator that stands at the index as a word of its own, and its length.
    private func operatorAtIndex() -> (text: String, length: Int)? {
        for text in ["&&", "||", ">>", "<<", ";", "|", ">", "<"] where matches(text) {
            let length = text.utf8.count
            if isWordEnd(index + length) || text == "<<" { return (text, length) }
        }
        return nil
    }

    private func matches(_ text: String) -> Bool {
        index + text.utf8.count <= input.count && input[index...].starts(with: text.utf8)
    }

    private func isWordEnd(_ position: Int) -> Bool {
        position >= input.count || input[position].isBlankOrNewline
    }

    private mutating func apply(operator text: String) throws(Stop) {
        switch text {
        case ";":
            if let openOperator, current.words.isEmpty { throw .mistake("nothing after \(openOperator)") }
            try finishCommand()
        case "&&", "||":
            guard !current.words.isEmpty else { throw .mistake("nothing before \(text)") }
            try finishCommand()
            connector = text == "&&" ? .afterSuccess : .afterFailure
            openOperator = text
        case "|":
            guard !current.words.isEmpty else { throw .mistake("nothing before |") }
            guard current.output == nil else {
                throw .mistake("a command's output goes to one place: > or |, not both")
            }
            let text = try rawRestOfLine()
            guard !text.bytes.isEmpty else { throw .mistake("nothing after |") }
            current.output = .pipe(text)
            try finishCommand()
        case ">", ">>":
            guard current.output == nil else { throw .mistake("a command's output goes to one place") }
            current.output = .file(try operand(of: text), appends: text == ">>")
        case "<":
            guard current.input == nil else { throw .mistake("a command's input comes from one place") }
            current.input = .file(try operand(of: text))
        default:
            guard current.input == nil else { throw .mistake("a command's input comes from one place") }
            let delimiter = try operand(of: text).bytes
            guard !delimiter.isEmpty else { throw .mistake("<< needs a word that ends the text, as in <<EOF") }
            current.input = .hereDocument([])
            pendingDelimiters.append((items.count, delimiter, lines))
        }
    }

    private mutating func operand(of text: String) throws(Stop) -> Word {
        try skipBlanks()
        guard index < input.count, input[index] != .newline else { throw .mistake("nothing after \(text)") }
        return try word()
    }

    private mutating func finishCommand() throws(Stop) {
        defer {
            current = Invocation(words: [])
        }
        guard !current.words.isEmpty || current.systemCommand != nil else {
            if current.input != nil || current.output != nil { throw .mistake("a redirection needs a command") }
            if let openOperator { throw missing(.commandAfterOperator, "nothing after \(openOperator)") }
            return
        }
        items.append(CommandList.Item(connector: connector, invocation: current))
        connector = .always
        openOperator = nil
    }

    private mutating func word() throws(Stop) -> Word {
        switch input[index] {
        case UInt8(ascii: "'"): return try singleQuoted()
        case UInt8(ascii: "\""): return try doubleQuoted()
        case UInt8(ascii: "$") where index + 1 < input.count && input[index + 1] == UInt8(ascii: "'"):
            index += 1
            return try escapedQuoted()
        default: return try bareWord()
        }
    }

    private mutating func bareWord() throws(Stop) -> Word {
        var word = Word(bytes: [])
        while index < input.count {
            let byte = input[index]
            if byte.isBlankOrNewline { break }
            guard byte != 0 else { throw .mistake("a NUL byte outside a data file") }
            index += 1
            guard byte == .backslash else {
                word.bytes.append(byte)
                continue
            }
            guard index < input.count else {
                if !isFinal { throw .incomplete(.joinedLine) }
                word.bytes.append(byte)
                break
            }
            if try joinsLine() { continue }
            let next = input[index]
            if next.isSpecial(atWordStart: word.bytes.isEmpty) {
                word.escapedOffsets.append(word.bytes.count)
                word.bytes.append(next)
                index += 1
            } else {
                word.bytes.append(byte)
            }
        }
        return word
    }

    /// Skips the newline after a backslash.
    private mutating func joinsLine() throws(Stop) -> Bool {
        var length = 0
        if input[index] == .newline {
            length = 1
        } else if input[index] == .carriageReturn, index + 1 < input.count, input[index + 1] == .newline {
            length = 2
        }
        guard length > 0 else { return false }
        index += length
        lines += 1
        if index == input.count && !isFinal { throw .incomplete(.joinedLine) }
        return true
    }

    private mutating func singleQuoted() throws(Stop) -> Word {
        openingLine = lines
        index += 1
        var bytes: [UInt8] = []
        while let byte = try quotedByte() {
            if byte == UInt8(ascii: "'") { return try endQuoted(bytes) }
            bytes.append(byte)
        }
        throw missing(.closingQuote, "the quote ' is not closed")
    }

    private mutating func doubleQuoted() throws(Stop) -> Word {
        openingLine = lines
        index += 1
        var bytes: [UInt8] = []
        while let byte = try quotedByte() {
            if byte == UInt8(ascii: "\"") { return try endQuoted(bytes) }
            if byte == .backslash, index < input.count,
                input[index] == UInt8(ascii: "\"") || input[index] == .backslash
            {
                bytes.append(input[index])
                index += 1
            } else {
                bytes.append(byte)
            }
        }
        throw missing(.closingQuote, "the quote \" is not closed")
    }

    private mutating func escapedQuoted() throws(Stop) -> Word {
        openingLine = lines
        index += 1
        var bytes: [UInt8] = []
        while let byte = try quotedByte() {
            if byte == UInt8(ascii: "'") { return try endQuoted(bytes) }
            if byte == .backslash {
                try appendEscape(to: &bytes)
            } else {
                bytes.append(byte)
            }
        }
        throw missing(.closingQuote, "the quote $' is not closed")
    }

    private mutating func quotedByte() throws(Stop) -> UInt8? {
        guard index < input.count else { return nil }
        let byte = input[index]
        guard byte != 0 else { throw .mistake("a NUL byte outside a data file; write it as $'\\0'") }
        if byte == .newline { lines += 1 }
        index += 1
        return byte
    }

    private mutating func endQuoted(_ bytes: [UInt8]) throws(Stop) -> Word {
        openingLine = nil
        guard isWordEnd(index) || operatorAtIndex() != nil else {
            throw .mistake("text after closing quote; put data that has quotes and blanks between '…'")
        }
        return Word(bytes: bytes, isQuoted: true)
    }

    private mutating func appendEscape(to bytes: inout [UInt8]) throws(Stop) {
        guard index < input.count else { throw missing(.closingQuote, "the quote $' is not closed") }
        let letter = input[index]
        index += 1
        switch letter {
        case UInt8(ascii: "n"): bytes.append(0x0A)
        case UInt8(ascii: "t"): bytes.append(0x09)
        case UInt8(ascii: "r"): bytes.append(0x0D)
        case UInt8(ascii: "0"): bytes.append(0)
        case UInt8(ascii: "e"): bytes.append(0x1B)
        case .backslash, UInt8(ascii: "'"): bytes.append(letter)
        case UInt8(ascii: "x"):
            bytes.append(UInt8(truncatingIfNeeded: try hexDigits(exactly: 2, after: "\\x")))
        case UInt8(ascii: "u"):
            let value = try unicodeValue()
            guard let scalar = Unicode.Scalar(value) else {
                throw .mistake("\\u\(String(value, radix: 16)) is not a Unicode scalar value")
            }
            bytes.append(contentsOf: String(Character(scalar)).utf8)
        default:
            throw .mistake("unknown escape \\\(String(decoding: [letter], as: UTF8.self)) in $'…'")
        }
    }

    private mutating func unicodeValue() throws(Stop) -> UInt32 {
        guard index < input.count, input[index] == UInt8(ascii: "{") else {
            return try hexDigits(exactly: 4, after: "\\u")
        }
        index += 1
        guard let close = input[index...].firstIndex(of: UInt8(ascii: "}")), (1...8).contains(close - index) else {
            throw .mistake("\\u{…} needs one to eight hexadecimal digits")
        }
        let value = try hexDigits(exactly: close - index, after: "\\u{")
        index += 1
        return value
    }

    private mutating func hexDigits(exactly count: Int, after escape: String) throws(Stop) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<count {
            guard index < input.count, let digit = input[index].hexDigitValue else {
                throw .mistake("\(escape) needs \(count) hexadecimal digits")
            }
            value = value << 4 | UInt32(digit)
            index += 1
        }
        return value
    }

    // MARK: Lines

    private mutating func skipBlanks() throws(Stop) {
        while index < input.count {
            if input[index].isBlank {
                index += 1
            } else if input[index] == .backslash, index + 1 < input.count, input[index + 1] == .newline {
                index += 2
                lines += 1
                if index == input.count && !isFinal { throw .incomplete(.joinedLine) }
            } else {
                break
            }
        }
    }

    private mutating func skipToNewline() {
        while index < input.count, input[index] != .newline { index += 1 }
    }

    /// The text up to the end of the line, which belongs to `/bin/sh`.
    private mutating func rawRestOfLine() throws(Stop) -> Word {
        var bytes: [UInt8] = []
        while index < input.count, input[index] != .newline {
            guard input[index] != 0 else { throw .mistake("a NUL byte outside a data file") }
            if input[index] == .backslash {
                guard index + 1 < input.count || isFinal else { throw .incomplete(.joinedLine) }
                if index + 1 < input.count, input[index + 1] == .newline {
                    index += 2
                    lines += 1
                    if index == input.count && !isFinal { throw .incomplete(.joinedLine) }
                    continue
                }
            }
            bytes.append(input[index])
            index += 1
        }
        return Word(bytes: Array(bytes.trimmingBlanks()))
    }

    private mutating func readHereDocuments() throws(Stop) {
        for (item, delimiter, line) in pendingDelimiters {
            var body: [UInt8] = []
            var isClosed = false
            while index < input.count {
                let end = input[index...].firstIndex(of: .newline)
                let text = input[index..<(end ?? input.count)]
                guard end != nil || isFinal else { break }
                index = end.map { $0 + 1 } ?? input.count
                if end != nil { lines += 1 }
                if text.elementsEqual(delimiter) || text.elementsEqual(delimiter + [.carriageReturn]) {
                    isClosed = true
                    break
                }
                body.append(contentsOf: text)
                body.append(.newline)
            }
            guard isClosed else {
                let text = String(decoding: delimiter, as: UTF8.self)
                openingLine = line
                throw missing(.hereDocumentEnd, "no line \(text) ends the text that <<\(text) opened")
            }
            items[item].invocation.input = .hereDocument(body)
        }
    }

    private func missing(_ missing: Missing, _ message: String) -> Stop {
        isFinal ? .mistake(message) : .incomplete(missing)
    }

    /// The offset after the line at the index.
    private func endOfLine() -> Int {
        guard index < input.count else { return input.count }
        return input[index...].firstIndex(of: .newline).map { $0 + 1 } ?? input.count
    }
}

extension UInt8 {
    static let backslash = UInt8(ascii: "\\")

    /// Whether a backslash before this byte makes it literal.
    func isSpecial(atWordStart: Bool) -> Bool {
        switch self {
        case 0x20, 0x09, .backslash, UInt8(ascii: "*"), UInt8(ascii: "?"), UInt8(ascii: "["): true
        case UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "#"), UInt8(ascii: ";"), UInt8(ascii: "|"),
            UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&"), UInt8(ascii: "@"), UInt8(ascii: "!"),
            UInt8(ascii: "-"):
            atWordStart
        default: false
        }
    }
}

extension [UInt8] {
    fileprivate func trimmingBlanks() -> ArraySlice<UInt8> {
        var slice = self[...]
        while let first = slice.first, first.isBlank { slice = slice.dropFirst() }
        while let last = slice.last, last.isBlank { slice = slice.dropLast() }
        return slice
    }
}
