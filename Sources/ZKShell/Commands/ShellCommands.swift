/// Every command of the shell, in the order of `help`.
public let shellCommands: [any ShellCommand.Type] =
    [
        CreateCommand.self,
        GetCommand.self,
        SetCommand.self,
        DeleteCommand.self,
        DeleteAllCommand.self,
        ExistsCommand.self,
        StatCommand.self,
        ListCommand.self,
        GetAllChildrenNumberCommand.self,
        GetEphemeralsCommand.self,

        GetACLCommand.self,
        SetACLCommand.self,
        AddAuthCommand.self,
        WhoAmICommand.self,
        SetQuotaCommand.self,
        ListQuotaCommand.self,
        DeleteQuotaCommand.self,

        WatchCommand.self,
        AddWatchCommand.self,
        RemoveWatchesCommand.self,
        PrintWatchesCommand.self,

        ConnectCommand.self,
        CloseCommand.self,
        SyncCommand.self,
        ConfigCommand.self,
        ReconfigCommand.self,
        VersionCommand.self,

        ChangePathCommand.self,
        PrintPathCommand.self,
        HistoryCommand.self,
        RedoCommand.self,
        HelpCommand.self,
        QuitCommand.self,
    ] + furtherCommands + recipeCommands + ensembleCommands
