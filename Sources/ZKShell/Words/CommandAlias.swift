public import ShellLanguage

/// A name that the user gave to a command and its first words.
public struct CommandAlias: Hashable, Sendable {
    /// As it was written, for `alias` and the config file.
    public let text: String
    public let words: [Word]

    /// - Throws: ``UsageError`` for anything but one command without operators.
    public init(text: String) throws(UsageError) {
        self.text = text
        let outcome: CommandListParser.Outcome
        do throws(SyntaxError) {
            outcome = try CommandListParser.parse(Array(text.utf8))
        } catch {
            throw UsageError("\(text): \(error.message)")
        }
        guard case .list(let list, _) = outcome, list.items.count == 1, let invocation = list.items.first?.invocation,
            invocation.systemCommand == nil, invocation.input == nil, invocation.output == nil
        else { throw UsageError("an alias stands for one command and its first words, without operators") }
        words = invocation.words
    }
}

extension ShellSession {
    /// `words` with what an alias at their start stands for. Each alias is used once, so one may have the name of the
    /// command that it stands for.
    func withAliasesExpanded(_ words: [Word]) -> [Word] {
        let aliases = aliases
        guard !aliases.isEmpty else { return words }
        var words = words
        var seen: Set<String> = []
        while let first = words.first, !first.isQuoted, let alias = aliases[first.text] {
            guard seen.insert(first.text).inserted else { break }
            words = alias.words + words.dropFirst()
        }
        return words
    }
}
