internal import ShellLanguage
internal import ZKClient
internal import ZKCore

struct MirrorCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "mirror", group: .znodes, abstract: "Make a subtree like another, once or for as long as it runs.",
        discussion: """
            SRC and DST can be znodes here or elsewhere (zk://HOSTS/PATH, zks://HOSTS/PATH, @PROFILE:/PATH). Ephemeral
            znodes are left out, and those of other sessions below DST stay: they are members, locks and leaders that
            are alive. ACLs and the counts that number sequential children go along, as with cp.
            """,
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

    @OptionGroup var acls: ACLOptions

    @Option(
        help: ArgumentHelp(
            "Ephemeral znodes: leave out, copy as persistent, or leave out and delete those of DST like others.",
            valueName: "what"))
    var ephemeral = EphemeralChoice.skip

    @Argument(help: "The subtree to copy.")
    var src: PathOperand

    @Argument(help: "The subtree to make like it.")
    var dst: PathOperand

    /// Changes that come close after each other are mirrored together.
    private static let pause = Duration.milliseconds(100)

    func run(in shell: ShellContext) async throws {
        let copy = SubtreeCopy(
            existing: .overwrite, copiesACL: try acls.copiesACL, ephemerals: ephemeral,
            isDryRun: shell.options.isDryRun,
            deletesOthers: deletesOthers)
        try await Endpoint(src, in: shell).withTree(in: shell) { from in
            try await Endpoint(dst, in: shell).withTree(writes: true, in: shell) { to in
                try await run(copy, from: from, to: to, in: shell)
            }
        }
    }

    private func run(_ copy: SubtreeCopy, from: LiveTree, to: LiveTree, in shell: ShellContext) async throws {
        if deletesOthers, !copy.isDryRun, shell.session.input.isTerminal || shell.options.neverPrompts {
            var trial = copy
            trial.isDryRun = true
            let count = try await trial.run(from: from, to: to, report: shell.workReport).deleted
            if count > 0 {
                let question = "delete \(count) nodes below \(to.name) that are not below \(from.name)?"
                guard try await shell.confirm(question) else { throw ShellError(.failure, "nothing was changed") }
            }
        }
        guard watches, !copy.isDryRun else {
            let summary = try await mirror(copy, from: from, to: to, in: shell)
            shell.warnOfGaps(in: summary)
            return try shell.emit(TransferResult(summary: summary, isDryRun: copy.isDryRun))
        }
        let events = try await from.naming { try await from.client.watch(from.root, mode: .persistentRecursive) }
        var isFirst = true
        try await Self.forEachChange(of: events) {
            let summary = try await mirror(copy, from: from, to: to, in: shell)
            if isFirst { shell.warnOfGaps(in: summary) }
            isFirst = false
            guard summary.created + summary.changed + summary.deleted > 0 else { return }
            try shell.emit(TransferResult(summary: summary))
            try shell.output.flush()
        }
    }

    private func mirror(
        _ copy: SubtreeCopy, from: LiveTree, to: LiveTree, in shell: ShellContext
    ) async throws -> TransferSummary {
        let progress = WorkProgress("copying \(from.name)", isSilent: true, in: shell)
        defer { progress.finish() }
        return try await copy.run(from: from, to: to, report: shell.workReport(progress))
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
