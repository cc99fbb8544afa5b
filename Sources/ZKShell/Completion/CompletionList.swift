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

    /// The bytes that all candidates begin with, never half of a character.
    var commonPrefix: [UInt8] {
        guard var prefix = candidates.first else { return [] }
        for candidate in candidates.dropFirst() {
            let length = zip(prefix, candidate).prefix { $0 == $1 }.count
            prefix.removeLast(prefix.count - length)
        }
        while !prefix.isEmpty, String(validating: prefix, as: UTF8.self) == nil { prefix.removeLast() }
        return prefix
    }

    /// The last component of a candidate, for the list.
    static func shownName(_ candidate: String) -> String {
        var text = candidate[...]
        if text.hasSuffix("/"), text.count > 1 { text.removeLast() }
        let name = text.lastIndex(of: "/").map { text[text.index(after: $0)...] } ?? text
        return TerminalText.escaped(String(name.isEmpty ? text : name))
    }
}
