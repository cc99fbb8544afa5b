internal import ArgumentParser
internal import ZKClient
internal import ZKCore

struct GetEphemeralsCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "getEphemerals", group: .znodes, abstract: "List the ephemeral znodes of this session.",
        examples: [.init("getEphemerals", "all of them"), .init("getEphemerals /app", "those below /app")],
        isFromZKCLI: true)

    @Argument(help: "Only paths that start with this.")
    var path: PathOperand?

    func run(in shell: ShellContext) async throws {
        let prefix = try path.map { try shell.resolve($0) }
        let paths = try await shell.client().getEphemerals(prefix: prefix)
        try shell.emit(PathListResult(paths: paths))
    }
}
