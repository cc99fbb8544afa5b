internal import ShellLanguage
internal import ZKClient
internal import ZKCore

struct MirrorCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "mirror", group: .znodes, abstract: "Make a subtree like another, once or for as long as it runs.",
        discussion: "SRC and DST can be znodes here or elsewhere (zk://HOSTS/PATH). Ephemeral znodes are left out.",
        examples: [
            .init("mirror /app /backup/app", "create and change what differs"),
            .init("mirror --delete --watch /app zk://other:2181/app", "and delete the rest, again after each change"),
        ],
        exitStatuses: [
            .init(.noNode, "SRC, or the parent of DST, does not exist"),
            .init(.partialFailure, "some znodes could not be written"),
        ],
        writes: true)

    @Flag(name: .customLong("delete"), help: "Delete what DST has and SRC has not.")
    var deletesOthers = false

    @Flag(name: .customLong("watch"), help: "Go on, and mirror each change, until Ctrl-C.")
    var watches = false

    @Flag(name: .customLong("acl"), help: "The ACLs too.")
    var copiesACL = false

    @Argument(help: "The subtree to copy.")
    var src: PathOperand

    @Argument(help: "The subtree to make like it.")
    var dst: PathOperand

    /// Changes that come close after each other are mirrored together.
    private static let pause = Duration.milliseconds(100)

    func run(in shell: ShellContext) async throws {
        let copy = SubtreeCopy(
            existing: .overwrite, copiesACL: copiesACL, isDryRun: shell.options.isDryRun, deletesOthers: deletesOthers)
        try await Endpoint(src, in: shell).withClient(in: shell) { from, root in
            try await Endpoint(dst, in: shell).withClient(in: shell) { to, newRoot in
                if deletesOthers, !copy.isDryRun, shell.session.input.isTerminal || shell.options.neverPrompts {
                    var trial = copy
                    trial.isDryRun = true
                    let count = try await trial.run(from: from, root, to: to, newRoot, in: shell).deleted
                    if count > 0 {
                        let question = "delete \(count) nodes below \(newRoot) that are not below \(root)?"
                        guard try await shell.confirm(question) else {
                            throw ShellError(.failure, "nothing was changed")
                        }
                    }
                }
                guard watches, !copy.isDryRun else {
                    let summary = try await copy.run(from: from, root, to: to, newRoot, in: shell)
                    return try shell.emit(TransferResult(summary: summary, isDryRun: copy.isDryRun))
                }
                let events = try await from.watch(root, mode: .persistentRecursive)
                try await Self.forEachChange(of: events) {
                    let summary = try await copy.run(from: from, root, to: to, newRoot, in: shell)
                    guard summary.created + summary.changed + summary.deleted > 0 else { return }
                    try shell.emit(TransferResult(summary: summary))
                    try shell.output.flush()
                }
            }
        }
    }

    /// Runs `body` now, and again after changes; those that come while it runs count as one.
    private static func forEachChange(
        of events: WatchSequence, _ body: () async throws -> Void
    ) async throws {
        let (changes, continuation) = AsyncThrowingStream.makeStream(
            of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let feed = Task {
            do {
                for try await _ in events { continuation.yield() }
                continuation.finish()
            } catch {
                continuation.finish(throwing: error)
            }
        }
        defer { feed.cancel() }
        try await body()
        for try await _ in changes {
            try await Task.sleep(for: pause)
            try await body()
        }
        try Task.checkCancellation()
        throw ShellError(.connection, "the watch has ended")
    }
}
