internal import ShellLanguage
internal import ZKCore

struct ChangePathCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "cd", group: .shell, abstract: "Change the working znode.",
        examples: [
            .init("cd /app", "relative paths start there"), .init("cd ..", "the parent"),
            .init("cd -", "where it was before"),
        ],
        exitStatuses: [.init(.noNode, "the znode does not exist")])

    @Argument(help: "The znode; / if left out, - for the one before.")
    var path: PathOperand?

    func run(in shell: ShellContext) async throws {
        let target: ZnodePath
        if let path, path.word.isBare("-") {
            guard let previous = shell.session.previousWorkingPath else { throw UsageError("there was no cd before") }
            target = previous
        } else {
            target = try path.map { try shell.resolve($0) } ?? .root
        }
        guard try await shell.reader().exists(target) != nil else {
            throw ShellError(.noNode, "\(target): node does not exist", code: .noNode, path: target)
        }
        shell.session.changeWorkingPath(to: target)
        if shell.options.output == .json { try shell.emit(DoneResult(path: target)) }
    }
}
