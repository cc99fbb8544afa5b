internal import ShellLanguage
internal import ZKClient
internal import ZKCore

struct DeleteCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "delete", group: .znodes, abstract: "Delete znodes without children.",
        discussion: """
            Asks first, on a terminal, when the operands name more znodes than --limit. A glob does not match /zookeeper.
            """,
        aliases: [.init("del"), .init("rm")],
        examples: [
            .init("delete /app/old", "one znode"), .init("delete -v 3 /app/x", "only when its data has version 3"),
            .init("delete -f '/app/tmp-*'", "several; those that are gone already are no error"),
        ],
        exitStatuses: [
            .init(.noNode, "a znode does not exist"), .init(.notEmpty, "a znode has children"),
            .init(.badVersion, "a znode has another version"),
        ],
        writes: true, isFromZKCLI: true, trailingWord: .version)

    @Option(name: .customShort("v"), help: ArgumentHelp("Only when the data has this version.", valueName: "version"))
    var version: Int32?

    @Flag(name: [.customShort("f"), .long], help: "An absent znode is no error; do not ask.")
    var force = false

    @Option(help: ArgumentHelp("Ask when there are more znodes than this.", valueName: "n"))
    var limit: Int = MassChange.limitDefault

    @Argument(help: "The znodes; globs are expanded.")
    var path: [PathOperand]

    func run(in shell: ShellContext) async throws {
        let paths = try await shell.expandForDeletion(path)
        if !shell.options.isDryRun {
            try await MassChange("delete \(MassChange.names(paths))", count: paths.count, limit: limit)
                .confirm(isForced: force, in: shell)
        }
        try await shell.forEach(paths) { path in
            if shell.options.isDryRun {
                guard try await shell.checkDeletion(of: path, version: version, acceptsMissing: force) else { return }
                return try shell.wouldDo("delete \(path)", .deletes(path))
            }
            do {
                _ = try await shell.perform(.delete(path, version: version ?? -1))
                shell.session.connection.noteDeleted([path])
            } catch let error as ZooKeeperError where error.code == .noNode && force {
                // It is gone, as it should be.
            }
            try shell.emit(DoneResult(path: path))
        }
    }
}
