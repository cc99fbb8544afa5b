public import ShellLanguage

/// A command of the program that is none of the shell's, such as `server`: it has its words before there is a shell.
public struct ProgramCommand: Sendable {
    public var name: String
    public var abstract: String
    public var discussion: String
    public var schema: CommandSchema

    public init(name: String, abstract: String, discussion: String = "", schema: CommandSchema) {
        self.name = name
        self.abstract = abstract
        self.discussion = discussion
        self.schema = schema
    }

    /// What `--help` prints.
    public var helpText: String {
        var lines = ["zoosh \(name): \(abstract)", "", "  zoosh \(name) [OPTION…]\(operands)"]
        if !discussion.isEmpty { lines += [""] + CommandHelp.wrap(discussion, columns: 80) }
        return (lines + CommandHelp.argumentLines(schema)).joined(separator: "\n") + "\n"
    }

    private var operands: String {
        schema.operands.map { CommandHelp.synopsis(ofOperand: $0) }.map { " " + $0 }.joined()
    }
}
