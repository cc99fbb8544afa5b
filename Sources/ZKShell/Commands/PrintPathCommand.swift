internal import ShellLanguage

struct PrintPathCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "pwd", group: .shell, abstract: "Print the working znode.",
        examples: [
            .init("pwd", "an absolute path, below the chroot"), .init("cd /app ; pwd", "prints /app"),
        ])

    func run(in shell: ShellContext) async throws {
        try shell.emit(PathResult(path: shell.workingPath))
    }
}
