internal import ShellLanguage

struct SourceCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "source", group: .shell, abstract: "Run the commands in a file.",
        discussion: "In this shell: cd, alias and opt stay in force. The status is that of the first failure.",
        aliases: [.init(".")],
        examples: [
            .init("source setup.zk", "messages name the file and the line"),
            .init("source setup.zk && ls /", "go on only when all of it went well"),
        ],
        exitStatuses: [.init(.localIO, "the file cannot be read")])

    @Argument(help: "The file; - is stdin.", completion: .file)
    var file: WordOperand

    func run(in shell: ShellContext) async throws {
        try shell.output.flush()
        let status = try await shell.session.withDeeperScript {
            await BatchRunner(session: shell.session).run(.file(FileName(file.word)))
        }
        if status != .success { throw ShellError.silent(status) }
    }
}
