internal import ShellLanguage
internal import ZKText

/// `!!`, `!7`, `!-2`, `!ls` and `!$` at the start of a word stand for earlier lines, as in other shells.
struct HistoryExpansion {
    /// Oldest first.
    let entries: [String]

    /// - Throws: ``UsageError`` that names the one that stands for nothing.
    func expanding(_ line: [UInt8]) throws(UsageError) -> [UInt8] {
        var result: [UInt8] = []
        var index = 0
        var isWordStart = true
        var openQuote: UInt8?
        while index < line.count {
            let byte = line[index]
            if let quote = openQuote {
                if byte == quote { openQuote = nil }
            } else if isWordStart, byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
                openQuote = byte
            } else if isWordStart, byte == UInt8(ascii: "!"), index + 1 < line.count,
                !line[index + 1].isBlankOrNewline, line[index + 1] != UInt8(ascii: "=")
            {
                let end = line[index...].firstIndex { $0.isBlankOrNewline } ?? line.count
                result += try replacement(for: String(decoding: line[(index + 1)..<end], as: UTF8.self)).utf8
                index = end
                isWordStart = false
                continue
            }
            isWordStart = byte.isBlankOrNewline
            result.append(byte)
            index += 1
        }
        return result
    }

    private func replacement(for designator: String) throws(UsageError) -> String {
        let found: String?
        if designator == "!" {
            found = entries.last
        } else if designator == "$" {
            found = entries.last?.split(whereSeparator: \.isWhitespace).last.map(String.init)
        } else if let number = Int(designator) {
            let index = number < 0 ? entries.count + number : number
            found = entries.indices.contains(index) ? entries[index] : nil
        } else {
            found = entries.last { $0.hasPrefix(designator) }
        }
        guard let found else { throw UsageError("!\(designator): the history has no such command") }
        return found
    }
}
