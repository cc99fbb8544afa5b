public import ShellLanguage

/// What a command says of itself beside its arguments. Help, man pages and completions are made from both.
public struct CommandDeclaration: Sendable {
    /// Where help and the man page list the command.
    public enum Group: String, Sendable, CaseIterable {
        case znodes = "Znodes"
        case access = "ACL, quota and authentication"
        case watches = "Watches and waiting"
        case transactions = "Transactions and coordination"
        case server = "Server and session"
        case offline = "Offline"
        case shell = "Shell"
    }

    /// Another name, and the words that it stands for: `ll` is `ls -l`.
    public struct Alias: Sendable {
        public var name: String
        public var addedWords: [String]

        public init(_ name: String, adding words: [String] = []) {
            self.name = name
            addedWords = words
        }
    }

    public struct Example: Sendable {
        public var line: String
        public var explanation: String

        public init(_ line: String, _ explanation: String) {
            self.line = line
            self.explanation = explanation
        }
    }

    public struct ExitStatus: Sendable {
        public var code: ExitCode
        public var meaning: String

        public init(_ code: ExitCode, _ meaning: String) {
            self.code = code
            self.meaning = meaning
        }
    }

    public var name: String
    public var group: Group
    public var abstract: String
    public var discussion: String
    public var aliases: [Alias]
    /// In place of the synopsis made from the arguments, where that would mislead.
    public var synopsis: String?
    public var examples: [Example]
    /// Statuses with a meaning of their own. Those that every command has are not repeated.
    public var exitStatuses: [ExitStatus]
    /// Changes the server's data: refused with `--read-only`; honours `--dry-run`.
    public var writes: Bool
    /// A command of zkCli, whose spelling, options and plain output are zkCli's.
    public var isFromZKCLI: Bool
    public var trailingWord: TrailingWord?
    /// The command line may hold a secret, so it is not stored in the history.
    public var hasSecrets: Bool

    public init(
        name: String, group: Group, abstract: String, discussion: String = "", aliases: [Alias] = [],
        synopsis: String? = nil, examples: [Example], exitStatuses: [ExitStatus] = [], writes: Bool = false,
        isFromZKCLI: Bool = false, trailingWord: TrailingWord? = nil, hasSecrets: Bool = false
    ) {
        self.name = name
        self.group = group
        self.abstract = abstract
        self.discussion = discussion
        self.aliases = aliases
        self.synopsis = synopsis
        self.examples = examples
        self.exitStatuses = exitStatuses
        self.writes = writes
        self.isFromZKCLI = isFromZKCLI
        self.trailingWord = trailingWord
        self.hasSecrets = hasSecrets
    }
}
