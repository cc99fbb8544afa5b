internal import ShellLanguage
internal import ZKClient
internal import ZKCore

struct CopyCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "cp", group: .znodes, abstract: "Copy a znode or a subtree.",
        discussion: """
            DST becomes the copy of SRC: it is not a directory to copy into. Both can be znodes here, znodes elsewhere
            (zk://HOSTS/PATH) or exports (@FILE). Copies get the ACL world:anyone:cdrwa unless --acl is given.
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

    @Flag(name: .customLong("acl"), help: "Copy the ACLs too.")
    var copiesACL = false

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

    func run(in shell: ShellContext) async throws {
        guard !(keepsExisting && overwrites) else { throw UsageError("either -n or -f") }
        guard batchSize > 0, requestsMax > 0 else { throw UsageError("-b and -j: numbers above 0") }
        let existing: SubtreeWriter.Existing = overwrites ? .overwrite : keepsExisting ? .keep : .fail
        switch (try Endpoint(src, in: shell), try Endpoint(dst, in: shell)) {
        case (.file(let name), .here(let path)):
            let transfer = ImportTransfer(
                reader: try ExportReader(file: name, in: shell), target: path, existing: existing, setsACL: copiesACL,
                ephemerals: ephemeral, batchSize: batchSize, isDryRun: shell.options.isDryRun)
            try report(try await transfer.run(in: shell), in: shell)
        case (.here, .file(let name)):
            let words = [Word("export"), "-o", Word(name), src.word] + (copiesACL ? ["--acl"] : [])
            let status = await shell.run(words)
            if status != .success { throw ShellError.silent(status) }
        case (.file, _), (_, .file):
            throw UsageError("a file (@FILE) and a znode of this ensemble can be copied to each other")
        case (let source, let target):
            let copy = SubtreeCopy(
                isRecursive: isRecursive, existing: existing, copiesACL: copiesACL, ephemerals: ephemeral,
                batchSize: batchSize, requestsMax: requestsMax, isDryRun: shell.options.isDryRun)
            let summary = try await source.withClient(in: shell) { from, root in
                try await target.withClient(in: shell) { to, newRoot in
                    try await copy.run(from: from, root, to: to, newRoot, in: shell)
                }
            }
            try report(summary, in: shell)
        }
    }

    /// Like cp of the system, it says nothing when all went well.
    private func report(_ summary: TransferSummary, in shell: ShellContext) throws(ShellError) {
        if summary.skippedEphemerals > 0 {
            shell.warn(
                "\(summary.skippedEphemerals) ephemeral znodes were left out; --ephemeral persist copies them")
        }
        guard shell.options.output == .json || shell.options.isDryRun else { return }
        try shell.emit(TransferResult(summary: summary, isDryRun: shell.options.isDryRun))
    }
}
