internal import ShellLanguage
internal import ZKClient
internal import ZKCore

struct ExportCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "export", group: .znodes, abstract: "Write a subtree to a file.",
        discussion: """
            Any data survives: what is not text is in base64. ACLs go along, and the counts that number sequential children
            (childCreates). Ephemeral znodes are marked, and import leaves them out. /zookeeper is left out. The znodes are
            read one after the other, not at one moment. A FILE whose name ends in .gz is packed.
            """,
        examples: [
            .init("export /app -o app.jsonl", "a znode a line"),
            .init("export --stat / -o all.json.gz", "everything, packed"),
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

    @OptionGroup var acls: ACLOptions

    @Flag(name: .customLong("stat"), help: "The stats too, for reading; import does not need them.")
    var includesStat = false

    @Argument(help: "The root of the subtree; the working znode if left out.")
    var path: PathOperand?

    func run(in shell: ShellContext) async throws {
        let root = try shell.resolve(path)
        let format = try format ?? file.map { try ExportFormat(file: $0) } ?? .json
        let reader = try await shell.reader()
        guard try await reader.exists(root) != nil else {
            throw ShellError(.noNode, "\(root): node does not exist", code: .noNode, path: root)
        }
        let transfer = ExportTransfer(format: format, carriesACLs: try acls.copiesACL, showsStat: includesStat)
        if let file { return try await transfer.run(from: reader, root, toFile: file, in: shell) }
        let progress = WorkProgress("exporting \(root)", in: shell)
        defer { progress.finish() }
        let summary = try await transfer.run(from: reader, root, report: shell.workReport(progress)) { bytes in
            try shell.output.write(bytes)
        }
        try shell.output.flush()
        progress.finish()
        shell.noteDroppedACLs(summary)
    }
}
