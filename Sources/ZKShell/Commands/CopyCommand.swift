internal import ShellLanguage
internal import ZKClient
internal import ZKCore

struct CopyCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "cp", group: .znodes, abstract: "Copy a znode or a subtree.",
        discussion: """
            DST becomes the copy of SRC: it is not a directory to copy into. Each can be a znode here, a znode elsewhere
            (zk://HOSTS/PATH without TLS, zks://HOSTS/PATH with it, @PROFILE:/PATH as the config file says) or an export
            (@FILE). The identities of this session never go to another ensemble; those of a profile do.

            ACLs go along. While children are copied, this session has an entry in the ACL of their parent where that
            might forbid it. The count of creates, which numbers sequential children, goes along too: it is raised by up
            to 1000000 creates and deletes a znode. Where it stays behind, a line says so and the status is 9.
            """,
        examples: [
            .init("cp /app/config /app/config.old", "one znode"), .init("cp -r /app /app2", "the subtree"),
            .init("cp -r -f /app zk://other:2181/app", "to another ensemble, over what is there"),
            .init("cp -r /app @app.jsonl", "the same as export"),
        ],
        exitStatuses: [
            .init(.noNode, "SRC, or the parent of DST, does not exist"), .init(.nodeExists, "DST exists"),
            .init(.partialFailure, "some znodes could not be copied"),
        ],
        writes: true)

    @Flag(name: .customShort("r"), help: "The subtree.")
    var isRecursive = false

    @Flag(name: .customShort("n"), help: "Znodes that exist stay as they are.")
    var keepsExisting = false

    @Flag(name: .customShort("f"), help: "Znodes that exist get the data of SRC.")
    var overwrites = false

    @OptionGroup var acls: ACLOptions

    @Option(help: ArgumentHelp("Ephemeral znodes: leave out, or copy as persistent.", valueName: "what"))
    var ephemeral = EphemeralChoice.skip

    @Option(name: .customShort("j"), help: ArgumentHelp("Requests under way at a time.", valueName: "n"))
    var requestsMax = 6

    @Option(name: .customShort("b"), help: ArgumentHelp("Changes in one request.", valueName: "n"))
    var batchSize = 500

    @Argument(help: "What to copy.")
    var src: PathOperand

    @Argument(help: "What the copy is called.")
    var dst: PathOperand

    func validate() throws {
        if ephemeral == .delete { throw UsageError("--ephemeral delete: cp deletes nothing; skip or persist") }
    }

    func run(in shell: ShellContext) async throws {
        guard !(keepsExisting && overwrites) else { throw UsageError("either -n or -f") }
        guard batchSize > 0, requestsMax > 0 else { throw UsageError("-b and -j: numbers above 0") }
        let existing: SubtreeWriter.Existing = overwrites ? .overwrite : keepsExisting ? .keep : .fail
        let progress = WorkProgress("copying \(src.word.text)", isSilent: true, in: shell)
        defer { progress.finish() }
        let report = shell.workReport(progress)
        let summary: TransferSummary
        switch (try Endpoint(src, in: shell), try Endpoint(dst, in: shell)) {
        case (.file, .file): throw UsageError("one of the two is a znode")
        case (.file(let name), let target):
            let transfer = ImportTransfer(
                reader: try ExportReader(file: name, in: shell), existing: existing, copiesACL: try acls.copiesACL,
                ephemerals: ephemeral, batchSize: batchSize, isDryRun: shell.options.isDryRun)
            summary = try await target.withTree(writes: true, in: shell) { to in
                let plan = try await transfer.prepare(target: to.root, report: report)
                return try await transfer.run(plan, to: to, report: report)
            }
        case (let source, .file(let name)):
            return try await source.withTree(in: shell) { from in
                try await ExportTransfer(format: try ExportFormat(file: name), carriesACLs: try acls.copiesACL)
                    .run(from: from.client, from.root, toFile: name, in: shell)
            }
        case (let source, let target):
            let copy = SubtreeCopy(
                isRecursive: isRecursive, existing: existing, copiesACL: try acls.copiesACL, ephemerals: ephemeral,
                batchSize: batchSize, requestsMax: requestsMax, isDryRun: shell.options.isDryRun)
            summary = try await source.withTree(in: shell) { from in
                try await target.withTree(writes: true, in: shell) { to in
                    try await copy.run(from: from, to: to, report: report)
                }
            }
        }
        progress.finish()
        shell.warnOfGaps(in: summary)
        // Like cp of the system, it says nothing when all went well.
        guard shell.options.output == .json || shell.options.isDryRun else { return }
        try shell.emit(TransferResult(summary: summary, isDryRun: shell.options.isDryRun))
    }
}
