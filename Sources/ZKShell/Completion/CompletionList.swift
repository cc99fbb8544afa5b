internal import ZKText

/// What TAB found for a word.
struct CompletionList: Equatable {
    /// The most candidates that are listed.
    static let candidatesMax = 1000

    /// Quoted as the word was begun.
    var candidates: [[UInt8]] = []
    /// What follows a single candidate: a blank, or `/` for a znode with children.
    var appended: UInt8?
    /// Whether there were more.
    var isCut = false

    /// What all that was found begins with, quoted likewise: also what is not listed.
    var commonPrefix: [UInt8] = []

    /// The bytes that all of `texts` begin with, never half of a character.
    static func commonPrefix(of texts: [[UInt8]]) -> [UInt8] {
        guard var prefix = texts.first?[...] else { return [] }
        for text in texts.dropFirst() where !text.starts(with: prefix) {
            prefix = prefix.prefix(zip(prefix, text).prefix { $0 == $1 }.count)
        }
        while !prefix.isEmpty, String(validating: prefix, as: UTF8.self) == nil { prefix.removeLast() }
        return Array(prefix)
    }

    /// The last component of a candidate, for the list: without its quoting.
    static func shownName(_ candidate: String) -> String {
        var text = unquoted(candidate)[...]
        if text.hasSuffix("/"), text.count > 1 { text.removeLast() }
        let name = text.lastIndex(of: "/").map { text[text.index(after: $0)...] } ?? text
        return TerminalText.escaped(String(name.isEmpty ? text : name))
    }

    private static func unquoted(_ candidate: String) -> String {
        guard candidate.first != "'" else { return String(candidate.dropFirst()) }
        var text = ""
        var isEscaped = false
        for character in candidate.first == "\"" ? candidate.dropFirst() : candidate[...] {
            if character == "\\", !isEscaped {
                isEscaped = true
            } else {
                text.append(character)
                isEscaped = false
            }
        }
        return text
    }
}
