internal import ShellLanguage
internal import ZKClient
internal import ZKCore

struct RemoveWatchesCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "removewatches", group: .watches, abstract: "Disarm watches of this session.",
        examples: [
            .init("removewatches /app", "all of them there"), .init("removewatches /app -d", "only those of the data"),
        ],
        exitStatuses: [.init(.failure, "there is no such watch")], isFromZKCLI: true)

    @Flag(name: .customShort("c"), help: "Watches of the list of children.")
    var children = false

    @Flag(name: .customShort("d"), help: "Watches of the data.")
    var data = false

    @Flag(name: .customShort("p"), help: "Persistent watches.")
    var persistent = false

    @Flag(name: .customShort("r"), help: "Persistent recursive watches.")
    var recursive = false

    @Flag(name: .customShort("a"), help: "All of them, as without an option.")
    var all = false

    @Flag(name: .customShort("l"), help: "Accepted: without a connection the shell forgets the watch all the same.")
    var locally = false

    @Argument(help: "The znode.")
    var path: PathOperand

    func run(in shell: ShellContext) async throws {
        let path = try shell.resolve(path)
        try await shell.client().removeWatches(path, type: type)
        try shell.emit(DoneResult(path: path))
    }

    private var type: WatcherType {
        if children { return .children }
        if data { return .data }
        if persistent { return .persistent }
        return recursive ? .persistentRecursive : .any
    }
}
