internal import ZKText

/// Where in a command line the cursor stands: by the same rules by which the line will be cut into words.
struct CompletionContext: Equatable {
    /// The words of the command before the one at the cursor, quoting taken away.
    private(set) var words: [String] = []
    /// The operator in front of the word at the cursor, such as `>`; nil when there is none.
    private(set) var redirection: String?
    /// The word at the cursor, quoting taken away.
    private(set) var word: [UInt8] = []
    /// Where it begins; the end of the line when there is none.
    private(set) var wordStart: Int
    /// The quote that opened it and is still open.
    private(set) var quote: UInt8?
    /// Whether a blank typed next would belong to the word.
    private(set) var isInsideWord = false
    /// Whether the cursor is in a part that belongs to the system's shell.
    private(set) var isSystemCommand = false

    private static let backslash = UInt8(ascii: "\\")
    private static let separators: Set<String> = [";", "&&", "||"]
    private static let redirections: Set<String> = [">", ">>", "<"]

    /// - Parameter line: the bytes up to the cursor.
    init(line: [UInt8]) {
        wordStart = line.count
        var index = 0
        while index < line.count, !isSystemCommand {
            if Self.isBlank(line[index]) {
                index += 1
                continue
            }
            let isBang = words.isEmpty && redirection == nil && line[index] == UInt8(ascii: "!")
            if isBang {
                isSystemCommand = true
                return
            }
            // What stands in $'…' is not written by completion.
            if line[index...].starts(with: Array("$'".utf8)), Self.endOfEscaped(line, from: index + 2) == nil {
                isSystemCommand = true
                isInsideWord = true
                return
            }
            let (text, end, open, wasQuoted, endsInBackslash) = Self.scanWord(line, from: index)
            if end == line.count {
                wordStart = index
                word = text
                quote = open
                isInsideWord = open != nil || endsInBackslash
                return
            }
            index = end
            finish(word: String(decoding: text, as: UTF8.self), wasQuoted: wasQuoted)
        }
    }

    private mutating func finish(word: String, wasQuoted: Bool) {
        if !wasQuoted && word == "|" {
            isSystemCommand = true
        } else if !wasQuoted && Self.separators.contains(word) {
            words = []
            redirection = nil
        } else if !wasQuoted && Self.redirections.contains(word) {
            redirection = word
        } else if redirection != nil {
            redirection = nil  // The file of the redirection is no word of the command.
        } else {
            words.append(word)
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A }

    /// After the closing quote of `$'…'`; nil when it is open.
    private static func endOfEscaped(_ line: [UInt8], from start: Int) -> Int? {
        var index = start
        while index < line.count, line[index] != UInt8(ascii: "'") { index += line[index] == backslash ? 2 : 1 }
        return index < line.count ? index + 1 : nil
    }

    /// Cuts one word; `open` is its quote when it is not closed.
    private static func scanWord(
        _ line: [UInt8], from start: Int
    ) -> (text: [UInt8], end: Int, open: UInt8?, wasQuoted: Bool, endsInBackslash: Bool) {
        var text: [UInt8] = []
        var index = start
        let first = line[start]
        if line[start...].starts(with: Array("$'".utf8)), let end = endOfEscaped(line, from: start + 2) {
            return (Array(line[start..<end]), end, nil, true, false)
        }
        if first == UInt8(ascii: "'") || first == UInt8(ascii: "\"") {
            index += 1
            while index < line.count, line[index] != first {
                if first == UInt8(ascii: "\""), line[index] == backslash, index + 1 < line.count,
                    line[index + 1] == first || line[index + 1] == backslash
                {
                    index += 1
                }
                text.append(line[index])
                index += 1
            }
            guard index < line.count else { return (text, index, first, true, false) }
            return (text, index + 1, nil, true, false)
        }
        while index < line.count, !isBlank(line[index]) {
            if line[index] == backslash {
                guard index + 1 < line.count else { return (text, line.count, nil, false, true) }
                if !line[index + 1].isSpecial(atWordStart: text.isEmpty) { text.append(backslash) }
                index += 1
            }
            text.append(line[index])
            index += 1
        }
        return (text, index, nil, false, false)
    }
}
