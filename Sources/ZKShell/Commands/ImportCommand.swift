internal import ShellLanguage
internal import ZKClient
internal import ZKCore
internal import ZKText

struct ImportCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "import", group: .znodes, abstract: "Create the znodes of an export.",
        discussion: """
            The file, in gzip form or not, is read to its end before anything is written: one that was cut off is refused.
            Missing parents are created. Without --merge or --replace a znode that exists already is a failure, and stays
            as it is. ACLs go along where the file has them, and so do the counts that number sequential children, as
            with cp. With --replace, ephemeral znodes of other sessions stay: they are members, locks and leaders that are
            alive. An export in the format script is run with `source`.
            """,
        examples: [
            .init("import app.jsonl", "where it came from"), .init("import app.jsonl /copy", "as the subtree /copy"),
            .init("import --merge --dry-run app.jsonl", "count what would be created and changed"),
            .init("import --replace app.jsonl", "and delete what is not in the file"),
        ],
        exitStatuses: [
            .init(.partialFailure, "some znodes could not be written, or existed"),
            .init(.corruptFile, "the file is not an export"), .init(.localIO, "the file cannot be read"),
        ],
        writes: true)

    @Flag(help: "Existing znodes get the data of the file.")
    var merge = false

    @Flag(help: "As --merge, and what is below the root and not in the file is deleted.")
    var replace = false

    @Flag(name: .customLong("dry-run"), help: "Only count.")
    var isDryRun = false

    @OptionGroup var acls: ACLOptions

    @Option(
        help: ArgumentHelp(
            "Ephemeral znodes: leave out, create as persistent, or leave out and with --replace delete those of the server like others.",
            valueName: "what"))
    var ephemeral = EphemeralChoice.skip

    @Option(name: .customShort("b"), help: ArgumentHelp("Changes in one request.", valueName: "n"))
    var batchSize = 500

    @Argument(help: "The file; - is stdin.", completion: .file)
    var file: String

    @Argument(help: "The root in place of the file's; needed where the file names none.")
    var path: PathOperand?

    func run(in shell: ShellContext) async throws {
        guard !(merge && replace) else { throw UsageError("either --merge or --replace") }
        guard batchSize > 0 else { throw UsageError("-b: a number above 0") }
        let target = try path.map { try shell.resolve($0) }
        let transfer = ImportTransfer(
            reader: try ExportReader(file: file, in: shell), existing: merge || replace ? .overwrite : .fail,
            deletesOthers: replace, copiesACL: try acls.copiesACL, ephemerals: ephemeral, batchSize: batchSize,
            isDryRun: isDryRun || shell.options.isDryRun)
        let progress = WorkProgress("importing", isSilent: true, in: shell)
        defer { progress.finish() }
        let report = shell.workReport(progress)
        let plan = try await transfer.prepare(target: target, report: report)
        if replace && !transfer.isDryRun {
            guard try await shell.confirm("delete everything below \(plan.target) that is not in \(file)?") else {
                throw ShellError(.failure, "nothing was changed")
            }
        }
        let tree = LiveTree(client: try await shell.client(), root: plan.target)
        let summary = try await transfer.run(plan, to: tree, report: report)
        progress.finish()
        shell.warnOfGaps(in: summary)
        try shell.emit(TransferResult(summary: summary, isDryRun: transfer.isDryRun, root: plan.target))
    }
}
