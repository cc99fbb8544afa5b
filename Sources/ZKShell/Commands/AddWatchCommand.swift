internal import ShellLanguage
internal import ZKClient
internal import ZKCore

struct AddWatchCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "addWatch", group: .watches, abstract: "Arm a watch that stays, and report its events.",
        discussion: """
            Events are shown above the line that is being typed; in scripts they go to stderr. To wait for events in a
            script use watch.
            """,
        aliases: [.init("addwatch")],
        examples: [
            .init("addWatch /app", "the znode and everything below it"),
            .init("addWatch -m PERSISTENT /app", "the znode and its list of children"),
        ],
        isFromZKCLI: true)

    @Option(name: .customShort("m"), help: ArgumentHelp("What is watched.", valueName: "mode"))
    var mode = WatchModeOperand.recursive

    @Argument(help: "The znode; it need not exist.")
    var path: PathOperand

    func run(in shell: ShellContext) async throws {
        let path = try shell.resolve(path)
        let watch = try await shell.client().watch(
            path, mode: mode.mode, onNotification: shell.session.watchNotices.onNotification(of: path.string))
        shell.session.watchNotices.follow(watch)
        try shell.emit(DoneResult(path: path))
    }
}

enum WatchModeOperand: String, ShellValue, CaseIterable {
    case persistent = "PERSISTENT"
    case recursive = "PERSISTENT_RECURSIVE"

    init?(argument: String) {
        self.init(rawValue: argument.uppercased())
    }

    var mode: AddWatchMode { self == .persistent ? .persistent : .persistentRecursive }
}
