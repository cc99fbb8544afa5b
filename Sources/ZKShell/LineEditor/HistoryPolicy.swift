internal import ShellLanguage

/// What the history file keeps.
enum HistoryPolicy {
    static let entriesMax = 10_000

    /// Commands whose operands are commands.
    private static let runners: Set<String> = ["time", "try", "repeat", "alias"]
    private static let separators: Set<String> = [";", "&&", "||"]
    /// `zk-shell` calls it so; typed here by habit, it has the secret in it all the same.
    private static let otherSecretCommands: Set<String> = ["add_auth", "auth"]

    /// Lines that carry secrets stay out, as do those that begin with a blank, and repetitions.
    ///
    /// - Parameter aliases: the command that an alias stands for.
    static func keeps(_ line: String, previous: String?, aliases: (String) -> String? = { _ in nil }) -> Bool {
        guard let first = line.first, !first.isWhitespace, line != previous else { return false }
        return !line.split(whereSeparator: \.isNewline).contains { hasSecret($0, aliases) }
    }

    /// A command that takes a password may stand anywhere in the line; an ACL of scheme digest has a hash in it.
    private static func hasSecret(_ line: Substring, _ aliases: (String) -> String?) -> Bool {
        var isCommandExpected = true
        var mayNameCommand = false
        var isScheme = false
        for word in line.split(whereSeparator: \.isWhitespace) {
            let text = unquoted(word)
            // Whatever the command was meant to be.
            if isScheme, text.contains(":") { return true }
            isScheme = text.lowercased() == "digest"
            // Behind `alias` it is NAME=COMMAND.
            let name = text.lastIndex(of: "=").map { String(text[text.index(after: $0)...]) } ?? text
            if isCommandExpected || mayNameCommand, takesSecret(aliases(name) ?? name) { return true }
            if isCommandExpected {
                mayNameCommand = runners.contains(text)
                isCommandExpected = false
            }
            if separators.contains(text) {
                isCommandExpected = true
                mayNameCommand = false
            }
            if text.contains("digest:") || text.hasPrefix("--auth") || text.hasPrefix("--sasl-password") { return true }
        }
        return false
    }

    /// Also for a word that is no command, but close to one that does: it was mistyped, and the secret is there.
    private static func takesSecret(_ name: String) -> Bool {
        if let entry = CommandRegistry[name] { return entry.command.declaration.hasSecrets }
        return Suggestion.closest(to: name, among: secretCommands) != nil
    }

    private static let secretCommands: Set<String> = {
        let declared = shellCommands.map { $0.declaration }.filter(\.hasSecrets)
        return otherSecretCommands.union(declared.flatMap { [$0.name] + $0.aliases.map(\.name) })
    }()

    private static func unquoted(_ word: Substring) -> String {
        String(word.filter { $0 != "'" && $0 != "\"" && $0 != "\\" })
    }
}
