internal import ShellLanguage

struct QuitCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "quit", group: .shell, abstract: "Leave the shell.", aliases: [.init("exit")],
        examples: [
            .init("quit", "status 0 at the prompt; in a script that of the first failure"),
            .init("exit 3", "with a status"),
        ],
        isFromZKCLI: true)

    @Argument(help: "The exit status, 0 to 255.")
    var status: Int32?

    func run(in shell: ShellContext) async throws {
        if let status {
            guard (0...255).contains(status) else { throw UsageError("an exit status is a number from 0 to 255") }
            shell.session.quit(with: ExitCode(rawValue: status))
        } else {
            shell.session.quit(with: nil)
        }
    }
}
