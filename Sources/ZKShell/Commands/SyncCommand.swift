internal import ShellLanguage
internal import ZKClient
internal import ZKCore

struct SyncCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "sync", group: .server, abstract: "Wait until the server has caught up with the leader.",
        discussion: "Reads after it show everything that was written, by anybody, before it.",
        examples: [
            .init("sync /", "prints: Sync is OK"),
            .init("sync / && get /app", "data that is not behind"),
        ], isFromZKCLI: true)

    @Argument(help: "A znode; servers sync as a whole.")
    var path: PathOperand

    func run(in shell: ShellContext) async throws {
        let path = try shell.resolve(path)
        try await shell.client().sync(path)
        try shell.emit(TextResult("Sync is OK", json: DoneResult(path: path).json))
    }
}
