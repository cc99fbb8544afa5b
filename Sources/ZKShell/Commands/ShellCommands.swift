/// Every command of the shell, in the order of `help`.
public let shellCommands: [any ShellCommand.Type] =
    [
        CreateCommand.self,
        GetCommand.self,
        SetCommand.self,
        ListCommand.self,
    ] + furtherCommands + ensembleCommands
