internal import ShellLanguage
internal import ZKServer
internal import ZKShell

extension Documentation {
    /// Of the shell, and of the commands that are not the shell's.
    static var ofProgram: Documentation {
        Documentation(programCommands: ProgramCommand.all, configurationKeys: ZooCfgKey.table)
    }
}

extension ProgramCommand {
    static var all: [ProgramCommand] {
        [
            ProgramCommand(
                name: "server", abstract: "Run a ZooKeeper-compatible server.", schema: .of(ServerOptions.self)),
            ProgramCommand(
                name: "dev", abstract: "Run a server and a shell on it in one process.",
                schema: .of(ServerOptions.self)),
            ProgramCommand(
                name: "bench", abstract: BenchCommand.abstract, discussion: BenchCommand.discussion,
                schema: .of(BenchCommand.self)),
        ]
    }

    static func named(_ name: String) -> ProgramCommand {
        guard let command = all.first(where: { $0.name == name }) else {
            preconditionFailure("\(name) is a command of the program")
        }
        return command
    }
}

extension ProgramHelp {
    /// What `help` in the shell says of them.
    static var all: [ProgramHelp] {
        ProgramCommand.all.map { command in
            ProgramHelp(name: command.name, abstract: command.abstract) { command.helpText }
        }
    }
}
