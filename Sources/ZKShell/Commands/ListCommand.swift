internal import ArgumentParser
internal import ZKClient
internal import ZKCore

struct ListCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "ls", group: .znodes, abstract: "List the children of znodes.",
        aliases: [.init("ls2", adding: ["-s"])],
        examples: [
            .init("ls /", "the children of the root"), .init("ls -s /app", "and its stat"),
            .init("ls -R /app", "the whole subtree, one absolute path a line"),
        ],
        exitStatuses: [.init(.noNode, "a znode does not exist")], isFromZKCLI: true, trailingWord: .watch)

    @Flag(name: .customShort("s"), help: "Print the stat after the children.")
    var showsStat = false

    @Flag(name: .customShort("w"), help: "Arm a watch that reports the next change of the list.")
    var watches = false

    @Argument(help: "The znodes; the working znode if left out.")
    var path: [PathOperand] = []

    func run(in shell: ShellContext) async throws {
        let operands = path.isEmpty ? [try PathOperand(word: ".")] : path
        try await shell.forEach(operands) { path in
            let (children, stat) = try await read(path, in: shell)
            try shell.emit(
                ChildrenResult(path: path, children: children.sortedAsJava(), stat: showsStat ? stat : nil))
        }
    }

    private func read(_ path: ZnodePath, in shell: ShellContext) async throws -> (children: [String], stat: Stat) {
        guard watches else { return try await shell.reader().getChildrenWithStat(path) }
        let (children, stat, watch) = try await shell.client().getChildrenAndWatch(path)
        shell.session.watchNotices.follow(watch)
        return (children, stat)
    }
}
