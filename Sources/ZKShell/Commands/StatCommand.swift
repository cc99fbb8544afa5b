internal import ShellLanguage
internal import ZKClient
internal import ZKCore

struct StatCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "stat", group: .znodes, abstract: "Print the metadata of znodes.",
        examples: [
            .init("stat /app", "versions, times, zxids, counts"),
            .init("stat --iso /app", "with ISO 8601 times in UTC"),
            .init("stat -1 '/app/*'", "one line each"),
        ],
        exitStatuses: [.init(.noNode, "a znode does not exist")], isFromZKCLI: true, trailingWord: .watch)

    @Flag(name: .customShort("w"), help: "Arm a watch that reports the next change.")
    var watches = false

    @Flag(name: .customLong("iso"), help: "Times in ISO 8601, UTC.")
    var usesISOTimes = false

    @Flag(name: .customShort("1"), help: "One line for a znode.")
    var isOneLine = false

    @OptionGroup var labelOptions: LabelOptions

    @Argument(help: "The znodes; globs are expanded.")
    var path: [PathOperand]

    func run(in shell: ShellContext) async throws {
        let paths = try await shell.expand(path)
        // A line names its znode by itself.
        let labels = isOneLine ? LabelOptions() : labelOptions
        try await labels.forEach(paths, in: shell) { path in
            guard let stat = try await read(path, in: shell) else {
                throw ShellError(.noNode, "\(path): node does not exist", code: .noNode, path: path)
            }
            try shell.emit(StatResult(path: path, stat: stat, usesISOTimes: usesISOTimes, isOneLine: isOneLine))
        }
    }

    private func read(_ path: ZnodePath, in shell: ShellContext) async throws -> Stat? {
        guard watches else { return try await shell.reader().exists(path) }
        let (stat, watch) = try await shell.client().existsAndWatch(
            path, onEvent: shell.session.watchNotices.onEvent)
        shell.session.watchNotices.follow(watch)
        return stat
    }
}
