internal import ShellLanguage

struct HelpCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "help", group: .shell, abstract: "List the commands, or explain one.",
        aliases: [.init("?"), .init("man")],
        examples: [
            .init("help", "every command with a line on each"), .init("help ls", "arguments, examples, exit statuses"),
            .init("help quoting", "a topic; the others are data, operators, output, scripts and exit-codes"),
        ],
        exitStatuses: [.init(.notFound, "there is no such command or topic")], isFromZKCLI: true)

    @Argument(help: "A command or a topic.", completion: .command)
    var command: String?

    func run(in shell: ShellContext) async throws {
        guard let command else { return try shell.output.write(HelpText.overview(shell.options.programHelp)) }
        if let entry = CommandRegistry[command] {
            return try shell.output.write(CommandHelp.text(of: entry.command))
        }
        if let program = shell.options.programHelp.first(where: { $0.name == command }) {
            return try shell.output.write(program.text())
        }
        if let topic = HelpText.topics[command] { return try shell.output.write(topic) }
        throw Self.unknownSubject(command, besides: shell.options.programHelp.map(\.name))
    }

    static func unknownSubject(_ subject: String, besides programs: [String] = []) -> ShellError {
        let known = CommandRegistry.names + HelpText.topics.keys + programs
        let suggestion = Suggestion.closest(to: subject, among: known).map { "did you mean \($0)?" }
        return ShellError(
            .notFound, "\(subject): no such command or topic; \(suggestion ?? "`help` lists them")")
    }
}
