internal import ShellLanguage
internal import ZKClient
internal import ZKCore
internal import ZKText

struct ImportCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "import", group: .znodes, abstract: "Create the znodes of an export.",
        discussion: """
            Missing parents are created. Without --merge or --replace a znode that exists already is a failure, and stays
            as it is. An export in the format script is run with `source`.
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

    @Flag(help: "Set the ACLs of the file.")
    var acl = false

    @Option(help: ArgumentHelp("Ephemeral znodes of the file: leave out, or create as persistent.", valueName: "what"))
    var ephemeral = EphemeralChoice.skip

    @Option(name: .customShort("b"), help: ArgumentHelp("Changes in one request.", valueName: "n"))
    var batchSize = 500

    @Argument(help: "The file; - is stdin.", completion: .file)
    var file: String

    @Argument(help: "The root in place of the file's.")
    var path: PathOperand?

    func run(in shell: ShellContext) async throws {
        guard !(merge && replace) else { throw UsageError("either --merge or --replace") }
        guard batchSize > 0 else { throw UsageError("-b: a number above 0") }
        let target = try path.map { try shell.resolve($0) }
        let transfer = ImportTransfer(
            reader: try ExportReader(file: file, in: shell), target: target,
            existing: merge || replace ? .overwrite : .fail, deletesOthers: replace, setsACL: acl,
            ephemerals: ephemeral,
            batchSize: batchSize, isDryRun: isDryRun || shell.options.isDryRun)
        if replace && !transfer.isDryRun {
            let root = target.map(\.string) ?? "its root"
            guard try await shell.confirm("delete everything below \(root) that is not in \(file)?") else {
                throw ShellError(.failure, "nothing was changed")
            }
        }
        let summary = try await transfer.run(in: shell)
        try shell.emit(TransferResult(summary: summary, isDryRun: transfer.isDryRun))
    }
}

/// What import, cp and mirror tell when they are done.
struct TransferResult: ShellResult {
    var summary: TransferSummary
    var isDryRun = false

    var json: JSONValue {
        .members([
            "created": .int(Int64(summary.created)), "changed": .int(Int64(summary.changed)),
            "unchanged": .int(Int64(summary.unchanged)), "deleted": .int(Int64(summary.deleted)),
            "skippedEphemerals": .int(Int64(summary.skippedEphemerals)), "dryRun": isDryRun ? true : nil,
        ])
    }

    func writePlain(to output: Output) throws(ShellError) {
        var parts: [String] = []
        for (count, what) in [
            (summary.created, "created"), (summary.changed, "changed"), (summary.unchanged, "unchanged"),
            (summary.deleted, "deleted"),
        ] where count > 0 { parts.append("\(count) \(what)") }
        let text = parts.isEmpty ? "nothing to do" : parts.joined(separator: ", ")
        try output.writeLine((isDryRun ? "would be: " : "") + text)
    }
}

struct TransferSummary: Sendable, Hashable {
    var created = 0
    var changed = 0
    var unchanged = 0
    var deleted = 0
    var skippedEphemerals = 0
}
