internal import ShellLanguage
internal import ZKClient
internal import ZKCore

struct ExportCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "export", group: .znodes, abstract: "Write a subtree to a file.",
        discussion: """
            Any data survives: what is not text is in base64. Ephemeral znodes are marked, and import leaves them out.
            /zookeeper is left out. The znodes are read one after the other, not at one moment.
            """,
        examples: [
            .init("export /app -o app.jsonl", "a znode a line"),
            .init("export --acl --stat / -o all.json", "everything"),
            .init("export --format script /app", "commands that make it again"),
        ],
        exitStatuses: [
            .init(.noNode, "the znode does not exist"), .init(.partialFailure, "some znodes could not be read"),
            .init(.localIO, "the file could not be written"),
        ])

    @Option(
        name: [.customShort("o"), .customLong("out")],
        help: ArgumentHelp("Write to FILE; stdout if left out.", valueName: "file"), completion: .file)
    var file: String?

    @Option(help: ArgumentHelp("The format; by the name of FILE if left out, else json.", valueName: "format"))
    var format: ExportFormat?

    @Flag(name: .customLong("acl"), help: "The ACLs too.")
    var includesACL = false

    @Flag(name: .customLong("stat"), help: "The stats too, for reading; import does not need them.")
    var includesStat = false

    @Argument(help: "The root of the subtree; the working znode if left out.")
    var path: PathOperand?

    func run(in shell: ShellContext) async throws {
        let root = try shell.resolve(path)
        let format = format ?? (file?.hasSuffix(".jsonl") == true ? .jsonl : .json)
        let reader = try await shell.reader()
        guard try await reader.exists(root) != nil else {
            throw ShellError(.noNode, "\(root): node does not exist", code: .noNode, path: root)
        }
        guard let file else {
            return try await write(root, as: format, from: reader, to: shell.output, in: shell)
        }
        let descriptor = try LocalFile.create(file, appends: false, mode: 0o600)
        defer { LocalFile.close(descriptor) }
        let output = Output(descriptor: descriptor, isTerminal: LocalFile.isTerminal(descriptor))
        try await write(root, as: format, from: reader, to: output, in: shell)
    }

    private func write(
        _ root: ZnodePath, as format: ExportFormat, from reader: any ZnodeReader, to output: Output,
        in shell: ShellContext
    ) async throws {
        try output.write(format.header(root: root))
        var failures = FailureTally()
        var isFirst = true
        let progress = WorkProgress("exporting \(root)", in: shell)
        defer { progress.finish() }
        var source = SubtreeReader(root: root, readsACL: includesACL)
        source.ephemerals = format == .script ? .skip : .persist
        let summary = try await source.read(from: reader, in: shell, failures: &failures) { records in
            for record in records {
                try output.write(format.line(record, isFirst: isFirst, showsStat: includesStat))
                isFirst = false
            }
            progress.advance(by: records.count)
        }
        try output.write(format.trailer)
        try output.flush()
        progress.finish()
        if file != nil { shell.note("exported \(summary.count) znodes") }
        try failures.finish(of: summary.count + failures.count)
    }
}
