internal import ShellLanguage
internal import ZKClient
internal import ZKCore
internal import ZKText

struct MoveCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "mv", group: .znodes, abstract: "Rename a znode or a subtree.",
        discussion: """
            ZooKeeper cannot rename: the znodes are created anew, with their data and ACLs, and the old ones deleted. What
            fits one request moves at once or not at all; larger subtrees are copied first and then deleted. Ephemeral
            znodes cannot be moved.
            """,
        examples: [.init("mv /a /b", "one znode"), .init("mv -r /app /app.old", "the subtree")],
        exitStatuses: [
            .init(.noNode, "SRC, or the parent of DST, does not exist"), .init(.nodeExists, "DST exists"),
            .init(.notEmpty, "SRC has children, and -r is not given"),
            .init(.badVersion, "somebody changed SRC meanwhile"),
            .init(.partialFailure, "some znodes could not be moved"),
        ],
        writes: true)

    @Flag(name: .customShort("r"), help: "The subtree.")
    var isRecursive = false

    @Argument(help: "What to move.")
    var src: PathOperand

    @Argument(help: "What it is called then.")
    var dst: PathOperand

    /// Ops that Apache ZooKeeper takes in one request well.
    private static let opsMax = 1000

    func run(in shell: ShellContext) async throws {
        let (root, newRoot) = (try shell.resolve(src), try shell.resolve(dst))
        guard !root.isRoot else { throw UsageError("/ cannot be moved") }
        if shell.options.isDryRun { return try shell.wouldDo("move \(root) to \(newRoot)") }
        let client = try await shell.client()
        guard let stat = try await client.exists(root) else {
            throw ShellError(.noNode, "\(root): node does not exist", code: .noNode, path: root)
        }
        guard isRecursive || stat.numChildren == 0 else {
            throw ShellError(.notEmpty, "\(root): node has children; -r moves them too", code: .notEmpty, path: root)
        }
        guard !newRoot.isEqualOrBelow(root) else {
            throw UsageError("\(newRoot) is \(root) or lies in it: choose another place")
        }
        if let ops = try await ops(moving: root, to: newRoot, with: client, in: shell) {
            _ = try await client.multi(ops)
        } else {
            try await copyAndDelete(root, newRoot, with: client, in: shell)
        }
        if shell.options.output == .json {
            try shell.emit(DoneResult(path: root, details: [.init(name: "to", value: JSONValue(newRoot))]))
        }
    }

    /// The changes that move the subtree at once; nil when they are too many for one request.
    private func ops(
        moving root: ZnodePath, to newRoot: ZnodePath, with client: ZooKeeperClient, in shell: ShellContext
    ) async throws -> [MultiOp]? {
        if isRecursive {
            do {
                guard try await client.getAllChildrenNumber(root) < Self.opsMax / 2 else { return nil }
            } catch let error as ZooKeeperError where error.code == .unimplemented {
                // An old server: see how many there are.
            }
        }
        var creates: [MultiOp] = []
        var deletes: [MultiOp] = []
        var failures = FailureTally()
        let reader = SubtreeReader(root: root, isRecursive: isRecursive, readsACL: true, ephemerals: .persist)
        let read = try await reader.read(from: client, in: shell, failures: &failures) { records in
            for record in records {
                guard !record.isEphemeral else {
                    throw ShellError(
                        .failure, "\(record.path): an ephemeral znode cannot be moved, its session owns it",
                        path: record.path)
                }
                creates.append(
                    .create(
                        record.path.rebased(from: root, to: newRoot), data: record.data, acl: record.acl ?? .openUnsafe)
                )
                deletes.append(.delete(record.path, version: record.stat?.version ?? -1))
            }
        }
        try failures.finish(of: read.count + failures.count)
        let ops = creates + deletes.reversed()
        let bytes = ops.reduce(0) { $0 + $1.requestBytes }
        return ops.count <= Self.opsMax && bytes <= BulkWriter.requestBytesMax ? ops : nil
    }

    private func copyAndDelete(
        _ root: ZnodePath, _ newRoot: ZnodePath, with client: ZooKeeperClient, in shell: ShellContext
    ) async throws {
        let summary = try await SubtreeCopy(copiesACL: true).run(from: client, root, to: client, newRoot, in: shell)
        guard summary.skippedEphemerals == 0 else {
            throw ShellError(
                .partialFailure,
                "\(root): \(summary.skippedEphemerals) ephemeral znodes cannot be moved; the others are copied to \(newRoot), nothing was deleted",
                path: root)
        }
        let deletion = SubtreeDeletion(root: root)
        try await deletion.delete(deletion.znodes(on: client, in: shell), on: client, in: shell)
    }
}
