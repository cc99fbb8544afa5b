import ShellLanguage

/// What a completion script has to know of a command, or of the program itself.
struct CompletableCommand {
    /// The name, and the aliases; none for the program itself.
    var names: [String]
    var abstract: String
    var options: [CommandSchema.Argument]
    var operands: [CommandSchema.Argument]
    /// Whether a system command follows `--`.
    var takesSystemCommand: Bool

    init(names: [String], abstract: String, schema: CommandSchema) {
        self.names = names
        self.abstract = abstract
        options = schema.options.filter { !$0.isHidden }
        operands = schema.operands.filter { !$0.isHidden && $0.strategy != .afterTerminator }
        takesSystemCommand = schema.operands.contains { $0.strategy == .afterTerminator }
    }

    /// The options that stand before a command.
    static var program: CompletableCommand {
        CompletableCommand(names: [], abstract: "", schema: .of(GlobalOptions.self))
    }

    static func all(_ programCommands: [ProgramCommand]) -> [CompletableCommand] {
        let shell = shellCommands.map { command in
            let declaration = command.declaration
            return CompletableCommand(
                names: [declaration.name] + declaration.aliases.map(\.name), abstract: declaration.abstract,
                schema: .of(command))
        }
        return shell
            + programCommands.map {
                CompletableCommand(names: [$0.name], abstract: $0.abstract, schema: $0.schema)
            }
    }
}

extension CommandSchema.Argument {
    /// What can stand for the value, with the values of an enumeration among it.
    var candidates: CommandSchema.Completion {
        completion == .none && !allowedValues.isEmpty ? .list(allowedValues) : completion
    }
}
