internal import ShellLanguage
internal import ZKClient
internal import ZKCore

struct PlanCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "plan", group: .znodes, abstract: "Show what would make a subtree like another.",
        discussion: """
            The plan makes DST like SRC, as mirror does, and its first line says so by name: + is to be created, ~ gets
            other data, a another ACL, n another number for its next sequential child, and - is to be deleted, which
            `apply` does only with --prune. SRC can be a znode here or elsewhere (zk://HOSTS/PATH, zks://HOSTS/PATH,
            @PROFILE:/PATH), one in the files of a server (offline:DATADIR@MOMENT:/PATH) or an export (file:NAME, @NAME);
            DST a znode here or elsewhere. Ephemeral znodes of both
            sides are left out. With -o the plan is kept in a file for `apply`: lines of JSON with what each change was
            made from, version, czxid and mzxid. The file holds the data, and only its owner can read it. With --json the
            same lines are printed.
            """,
        examples: [
            .init("plan zk://staging:2181/app /app", "what staging has and this ensemble has not"),
            .init("plan offline:/var/lib/zookeeper@10:01:/app /app", "what would bring back the state of 10:01"),
            .init("plan -o app.plan file:app.jsonl /app", "keep it, read it, and then: apply app.plan"),
        ],
        exitStatuses: [
            .init(.success, "nothing to change"), .init(.failure, "the plan has changes"),
            .init(.noNode, "SRC, or the parent of DST, does not exist"),
            .init(.partialFailure, "some znodes could not be read; what is there of them is not in the plan"),
            .init(.corruptFile, "the export is damaged"), .init(.localIO, "a file cannot be read or written"),
        ])

    @Option(
        name: [.customShort("o"), .customLong("out")], help: ArgumentHelp("Keep the plan in FILE.", valueName: "file"),
        completion: .file)
    var file: String?

    @OptionGroup var planning: PlanOptions

    @Argument(help: "What DST is to be like.")
    var src: PathOperand

    @Argument(help: "The subtree that is to be changed.")
    var dst: PathOperand

    func run(in shell: ShellContext) async throws {
        let progress = WorkProgress("comparing \(src.word.text)", in: shell)
        defer { progress.finish() }
        let counts = try await planning.withMaker(src, dst, in: shell) { maker in
            let header = try await maker.prepare()
            let kept = try file.map { name throws(ShellError) in try LocalFile.create(name, appends: false, mode: 0o600)
            }
            defer { if let kept { LocalFile.close(kept) } }
            let writer = kept.map { PlanWriter(to: Output(descriptor: $0, isTerminal: LocalFile.isTerminal($0))) }
            let owners = try await OwnerRecord.all(of: maker.target.root, on: maker.target.client)
            let summary = try await shell.show(
                maker, header, owners: owners, writer: writer, report: shell.workReport(progress))
            progress.finish()
            shell.warnOfGaps(in: summary)
            try summary.failures.finish(of: summary.counts.total + summary.failures.count)
            return summary.counts
        }
        if !counts.isEmpty { throw ShellError.silent(.failure) }
    }
}

/// What plan and apply have in common.
struct PlanOptions: ParsableArguments {
    @OptionGroup var acls: ACLOptions

    @Option(
        help: ArgumentHelp(
            "Leave out znodes of that name, or with a slash of that path below the root, with what is below them.",
            valueName: "glob"))
    var exclude: [String] = []

    /// Runs `body` with the maker, whose clients are closed afterwards.
    func withMaker<Value>(
        _ src: PathOperand, _ dst: PathOperand, writes: Bool = false, in shell: ShellContext,
        _ body: (PlanMaker) async throws -> Value
    ) async throws -> Value {
        let (from, to) = (try Endpoint(src, in: shell), try Endpoint(dst, in: shell))
        let carriesACLs = try acls.copiesACL
        return try await to.withTree(writes: writes, in: shell) { target in
            func maker(_ source: PlanSource) -> PlanMaker {
                PlanMaker(
                    source: source, target: target, carriesACLs: carriesACLs, excludes: ExcludedPaths(exclude))
            }
            if case .file(let name) = from {
                return try await body(maker(.export(try ExportReader(file: name, in: shell))))
            }
            if from.readsFiles(in: shell) {
                return try await from.withReadTree(in: shell) { tree in
                    try await body(maker(.tree(tree.reader, root: tree.root, name: tree.name)))
                }
            }
            return try await from.withTree(in: shell) { try await body(maker(.live($0))) }
        }
    }
}
