internal import ShellLanguage
internal import ZKClient
internal import ZKCore
internal import ZKText

struct DeleteAllCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "deleteall", group: .znodes, abstract: "Delete znodes and everything below them.",
        discussion: """
            Asks first, on a terminal, when there are more znodes than --limit: all that the operands name are counted
            before the first is deleted. Znodes are deleted in batches, leaves first, several batches at a time.
            /zookeeper is never deleted along with the root, and globs do not match it.
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
    var limit: Int = MassChange.limitDefault

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
        let roots = try await shell.expandForDeletion(path)
        let isDryRun = dryRun || shell.options.isDryRun
        // All are counted before the first is deleted: the question is about all of them.
        var listed: [ZnodePath: Result<[ZnodePath], any Error>] = [:]
        if roots.count > 1, !isDryRun {
            var count = 0
            for root in roots {
                let result = await list(root, in: shell)
                count += (try? result.get().count) ?? 0
                listed[root] = result
            }
            try await confirm(roots, count: count, in: shell)
        }
        try await shell.forEach(roots) { root in
            do {
                try await deleteSubtree(root, listed: listed.removeValue(forKey: root), in: shell)
            } catch let error as ShellError where error.code == .noNode && force && error.path == root {
                try shell.emit(DoneResult(path: root, details: [.init(name: "deleted", value: 0)]))
            }
        }
    }

    private func deletion(of root: ZnodePath) -> SubtreeDeletion {
        var deletion = SubtreeDeletion(root: root, keepsRoot: keepRoot, batchSize: batchSize)
        deletion.pattern = match.map { GlobPattern($0) }
        deletion.olderThan = olderThan?.duration
        return deletion
    }

    private func list(_ root: ZnodePath, in shell: ShellContext) async -> Result<[ZnodePath], any Error> {
        do {
            return .success(try await deletion(of: root).znodes(on: shell.client(), in: shell))
        } catch {
            return .failure(error)
        }
    }

    private func deleteSubtree(
        _ root: ZnodePath, listed: Result<[ZnodePath], any Error>?, in shell: ShellContext
    ) async throws {
        let isCounted = listed != nil
        let paths = if let listed { try listed.get() } else { try await list(root, in: shell).get() }
        if dryRun || shell.options.isDryRun {
            return try shell.wouldDo("delete \(paths.count) nodes in \(root)")
        }
        if !isCounted { try await confirm([root], count: paths.count, in: shell) }
        let count = try await deletion(of: root).delete(paths, on: shell.client(), in: shell)
        if shell.options.output == .json {
            try shell.emit(DoneResult(path: root, details: [.init(name: "deleted", value: .int(Int64(count)))]))
        }
    }

    /// The root and ZooKeeper's own subtree need the whole word; others are asked about when there are many znodes.
    private func confirm(_ roots: [ZnodePath], count: Int, in shell: ShellContext) async throws {
        let needsWord = roots.contains { $0.isRoot || shell.isSystem($0) }
        try await MassChange(
            "delete \(count) nodes in \(MassChange.names(roots))", count: count, limit: limit, needsWord: needsWord
        ).confirm(isForced: force, in: shell)
    }
}
