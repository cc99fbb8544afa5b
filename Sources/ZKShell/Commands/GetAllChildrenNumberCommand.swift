internal import ShellLanguage
internal import ZKClient
internal import ZKCore
internal import ZKReplica

struct GetAllChildrenNumberCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "getAllChildrenNumber", group: .znodes, abstract: "Count the znodes below a znode.",
        discussion: "The server counts, in one request; `count` walks and works on every server.",
        examples: [
            .init("getAllChildrenNumber /app", "a number"), .init("getAllChildrenNumber /", "all znodes but the root"),
        ],
        exitStatuses: [.init(.noNode, "the znode does not exist"), .init(.refused, "the server is older than 3.6")],
        isFromZKCLI: true)

    @Argument(help: "The znode.")
    var path: PathOperand

    func run(in shell: ShellContext) async throws {
        let path = try shell.resolve(path)
        try shell.emit(CountResult(path: path, count: try await count(path, in: shell)))
    }
    private func count(_ path: ZnodePath, in shell: ShellContext) async throws -> Int {
        // As a server counts: nothing is below what is not there.
        if let replica = try shell.offlineReplica() { return replica.znode(path)?.descendantCount ?? 0 }
        return try await shell.client().getAllChildrenNumber(path)
    }
}
