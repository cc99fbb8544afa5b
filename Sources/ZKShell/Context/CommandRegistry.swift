public import ShellLanguage
internal import Synchronization

/// Finds commands by the names and aliases of their declarations.
public enum CommandRegistry {
    public struct Entry: Sendable {
        public let command: any ShellCommand.Type
        /// Words that an alias puts before those typed.
        public let addedWords: [Word]
    }

    private static let entries: [String: Entry] = {
        var entries: [String: Entry] = [:]
        for command in shellCommands {
            let declaration = command.declaration
            precondition(entries[declaration.name] == nil, "two commands are named \(declaration.name)")
            entries[declaration.name] = Entry(command: command, addedWords: [])
            for alias in declaration.aliases {
                precondition(entries[alias.name] == nil, "two commands are named \(alias.name)")
                entries[alias.name] = Entry(command: command, addedWords: alias.addedWords.map { Word($0) })
            }
        }
        return entries
    }()

    public static subscript(name: String) -> Entry? { entries[name] }

    /// Every name and alias, sorted.
    public static var names: [String] { entries.keys.sorted() }

    /// The error for a name that is not a command's.
    static func unknownCommand(_ name: String) -> ShellError {
        if let suggestion = Suggestion.closest(to: name, among: entries.keys) {
            return ShellError(.notFound, "unknown command; did you mean \(suggestion)?")
        }
        return ShellError(.notFound, "unknown command; `help` lists the commands")
    }
}
