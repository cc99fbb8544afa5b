internal import ShellLanguage
internal import ZKClient
internal import ZKCore
internal import ZKText

struct MoveCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "mv", group: .znodes, abstract: "Rename a znode or a subtree.",
        discussion: """
            ZooKeeper cannot rename: the znodes are created anew, with their data and ACLs, and the old ones deleted. What
            fits one request moves at once or not at all; larger subtrees are copied first, and then what was copied is
            deleted. What somebody changed meanwhile stays at SRC, with what is above it, and the status is 9: DST has
            what it was before. Ephemeral znodes cannot be moved. ACLs go along, and the counts that number sequential
            children, as with cp.
            """,
        examples: [.init("mv /a /b", "one znode"), .init("mv -r /app /app.old", "the subtree")],
        exitStatuses: [
            .init(.noNode, "SRC, or the parent of DST, does not exist"), .init(.nodeExists, "DST exists"),
            .init(.notEmpty, "SRC has children, and -r is not given"),
            .init(.badVersion, "somebody changed SRC meanwhile, and nothing was moved"),
            .init(.noAuth, "something cannot be read, an ACL for one; nothing was moved"),
            .init(.partialFailure, "some znodes stay at SRC"),
        ],
        writes: true)

    @Flag(name: .customShort("r"), help: "The subtree.")
    var isRecursive = false

    @OptionGroup var acls: ACLOptions

    @Argument(help: "What to move.")
    var src: PathOperand

    @Argument(help: "What it is called then.")
    var dst: PathOperand

    func run(in shell: ShellContext) async throws {
        let (root, newRoot) = (try shell.resolve(src), try shell.resolve(dst))
        guard !root.isRoot else { throw UsageError("/ cannot be moved") }
        for path in [root, newRoot] where path.isSystem {
            throw ShellError(.refused, "\(path): what is there belongs to the server", path: path)
        }
        if shell.options.isDryRun { return try shell.wouldDo("move \(root) to \(newRoot)") }
        let progress = WorkProgress("moving \(root)", isSilent: true, in: shell)
        defer { progress.finish() }
        let move = SubtreeMove(isRecursive: isRecursive, copiesACL: try acls.copiesACL)
        let tree = LiveTree(client: try await shell.client(), root: root)
        let summary = try await move.run(from: tree, to: newRoot, report: shell.workReport(progress))
        progress.finish()
        shell.warnOfGaps(in: summary)
        if shell.options.output == .json {
            try shell.emit(DoneResult(path: root, details: [.init(name: "to", value: JSONValue(newRoot))]))
        }
    }
}
