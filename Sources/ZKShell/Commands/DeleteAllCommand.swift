internal import ShellLanguage
internal import ZKClient
internal import ZKCore
internal import ZKText

struct DeleteAllCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "deleteall", group: .znodes, abstract: "Delete znodes and everything below them.",
        discussion: """
            Asks first, on a terminal, when there are more znodes than --limit. Znodes are deleted in batches, leaves
            first, several batches at a time. /zookeeper is never deleted along with the root.
            """,
        aliases: [.init("rmr")],
        examples: [
            .init("deleteall /app/old", "the znode and its subtree"),
            .init("deleteall --dry-run /app/old", "count what would be deleted"),
            .init("deleteall --keep-root /queue", "everything below /queue"),
            .init(
                "deleteall --match 'tmp-*' --older-than 7d /app",
                "only znodes of that name that nobody changed for a week"),
        ],
        exitStatuses: [
            .init(.noNode, "the znode does not exist"), .init(.partialFailure, "some znodes could not be deleted"),
        ],
        writes: true, isFromZKCLI: true)

    @Option(name: .customShort("b"), help: ArgumentHelp("Znodes in a batch; 0: one at a time.", valueName: "size"))
    var batchSize: Int = 1000

    @Flag(name: [.customShort("f"), .long], help: "An absent znode is no error; do not ask.")
    var force = false

    @Flag(help: "Only count what would be deleted.")
    var dryRun = false

    @Option(help: ArgumentHelp("Ask when there are more znodes than this.", valueName: "n"))
    var limit: Int = 100

    @Flag(help: "Delete what is below the znode, but not itself.")
    var keepRoot = false

    @Option(help: ArgumentHelp("Only znodes with a name like this, and what is below them.", valueName: "glob"))
    var match: String?

    @Option(help: ArgumentHelp("Only znodes whose data was not changed for this time.", valueName: "dur"))
    var olderThan: DurationOperand?

    @Argument(help: "The znodes; globs are expanded.")
    var path: [PathOperand]

    func validate() throws {
        if batchSize < 0 { throw UsageError("-b: a batch has 0 or more znodes") }
    }

    func run(in shell: ShellContext) async throws {
        try await shell.forEach(path) { path in
            do {
                try await deleteSubtree(path, in: shell)
            } catch let error as ShellError where error.code == .noNode && force && error.path == path {
                try shell.emit(DoneResult(path: path, details: [.init(name: "deleted", value: 0)]))
            }
        }
    }

    private func deleteSubtree(_ path: ZnodePath, in shell: ShellContext) async throws {
        let client = try await shell.client()
        var deletion = SubtreeDeletion(root: path, keepsRoot: keepRoot, batchSize: batchSize)
        deletion.pattern = match.map { GlobPattern($0) }
        deletion.olderThan = olderThan?.duration
        let paths = try await deletion.znodes(on: client, in: shell)
        if dryRun || shell.options.isDryRun {
            return try shell.wouldDo("delete \(paths.count) nodes in \(path)")
        }
        guard try await isConfirmed(path, count: paths.count, in: shell) else {
            throw ShellError(.failure, "\(path): nothing was deleted", path: path)
        }
        let count = try await deletion.delete(paths, on: client, in: shell)
        if shell.options.output == .json {
            try shell.emit(DoneResult(path: path, details: [.init(name: "deleted", value: .int(Int64(count)))]))
        }
    }

    /// The root and ZooKeeper's own subtree need the whole word; others are asked about when there are many znodes.
    private func isConfirmed(_ path: ZnodePath, count: Int, in shell: ShellContext) async throws -> Bool {
        if force || shell.options.assumesYes { return true }
        guard shell.session.input.isTerminal || shell.options.neverPrompts else { return true }
        let isSystem = path.isRoot || path.isEqualOrBelow(ZnodePath(unchecked: "/zookeeper"))
        guard isSystem || count > limit else { return true }
        return try await shell.confirm("delete \(count) nodes in \(path)?", needsWord: isSystem)
    }
}
