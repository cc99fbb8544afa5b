public import ShellLanguage

/// What one logical line holds: commands with the operators between them.
public struct CommandList: Hashable, Sendable {
    public var items: [Item]

    public init(items: [Item] = []) {
        self.items = items
    }

    public struct Item: Hashable, Sendable {
        public var connector: Connector
        public var invocation: Invocation
    }

    /// When a command runs, given the status of the one before it.
    public enum Connector: Hashable, Sendable {
        case always
        case afterSuccess
        case afterFailure
    }
}

/// One command with its redirections.
public struct Invocation: Hashable, Sendable {
    public enum Input: Hashable, Sendable {
        case file(Word)
        case hereDocument([UInt8])
    }

    public enum Output: Hashable, Sendable {
        case file(Word, appends: Bool)
        /// Text for `/bin/sh -c`, which reads the command's stdout.
        case pipe(Word)
    }

    public var words: [Word]
    /// Text for `/bin/sh -c` in place of a command: what follows a `!`.
    public var systemCommand: Word?
    public var input: Input?
    public var output: Output?
    /// Lines before the command's first word, counted from the start of what was parsed.
    public var lineOffset: Int

    public init(
        words: [Word], systemCommand: Word? = nil, input: Input? = nil, output: Output? = nil, lineOffset: Int = 0
    ) {
        self.words = words
        self.systemCommand = systemCommand
        self.input = input
        self.output = output
        self.lineOffset = lineOffset
    }
}

/// Why a line is not a command line.
public struct SyntaxError: Error, Hashable, Sendable {
    public var message: String
    /// Lines before the place, counted from the start of what was parsed.
    public var lineOffset: Int
    /// Where parsing can go on: after the line that has the mistake.
    public var resumeOffset: Int
}
