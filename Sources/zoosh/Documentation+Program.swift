internal import ArgumentParser
internal import ZKServer
internal import ZKShell

extension Documentation {
    /// Of the shell, and of the commands that are not the shell's.
    static var ofProgram: Documentation {
        Documentation(
            programCommands: [
                ProgramCommand(
                    name: "server", abstract: "Run a ZooKeeper-compatible server.", schema: .of(ServerOptions.self)),
                ProgramCommand(
                    name: "dev", abstract: "Run a server and a shell on it in one process.",
                    schema: .of(ServerOptions.self)),
                ProgramCommand(
                    name: "bench", abstract: BenchCommand.configuration.abstract, schema: .of(BenchCommand.self)),
            ], configurationKeys: ZooCfgKey.table)
    }
}
