public import ShellLanguage

/// A path as it was written: absolute or relative to the working znode, perhaps with globs in it.
public struct PathOperand: ShellValue, Sendable {
    public var word: Word

    public init(word: Word) throws(UsageError) {
        guard word.isValidUTF8 else { throw UsageError("\(word.text) is not UTF-8, which every path is") }
        self.word = word
    }

    public init?(argument: String) {
        word = Word(argument)
    }

    public static var defaultCompletionKind: CommandSchema.Completion { .znode }
    public var defaultValueDescription: String { word.text }
}
