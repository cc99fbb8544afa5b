internal import ShellLanguage

struct RedoCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "redo", group: .shell, abstract: "Run a command of the history again.",
        examples: [.init("redo 7", "the command that history shows as 7"), .init("redo -- -1", "the last one")],
        isFromZKCLI: true)

    @Argument(help: "The number; a negative one counts from the end.")
    var number: [Int]

    func run(in shell: ShellContext) async throws {
        guard number.count == 1 else { throw UsageError("redo takes one number") }
        let entries = shell.session.history.numbered.filter { !$0.line.hasPrefix("redo") }
        let wanted = number[0]
        let entry = wanted < 0 ? entries.dropLast(-wanted - 1).last : entries.first { $0.number == wanted }
        guard let entry else { throw UsageError("the history has no command \(wanted)") }
        shell.note(entry.line)
        let list: CommandList
        switch try CommandListParser.parse(Array(entry.line.utf8)) {
        case .list(let parsed, _): list = parsed
        case .incomplete: return
        }
        let status = await Interpreter(session: shell.session).run(list) ?? .success
        if status != .success { throw ShellError.silent(status) }
    }
}
