internal import ShellLanguage
internal import ZKClient
internal import ZKCore

struct WatchCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "watch", group: .watches, abstract: "Print the events of a znode and what is below it, as they come.",
        discussion: """
            One line an event: time, type, path, zxid; with --json one object. After a reconnect, or when a new session had
            to be started, there is a line `resync`: what happened meanwhile is not known. Ctrl-C ends it.
            """,
        examples: [
            .init("watch /app", "until Ctrl-C"),
            .init("watch -1 --types created /app/ready", "until the znode is created"),
            .init("watch --data --initial /app/config", "the data now, and after each change"),
            .init("watch /app --exec 'make reload'", "run a command at each event"),
        ],
        exitStatuses: [.init(.timeout, "--timeout has passed")])

    @Flag(name: .customShort("1"), help: "End after one event.")
    var isSingle = false

    @Option(name: .customShort("n"), help: ArgumentHelp("End after this many events.", valueName: "count"))
    var count: Int?

    @Flag(name: .customShort("R"), help: "The whole subtree; this is the default.")
    var isRecursive = false

    @Flag(name: .customLong("no-recursive"), help: "Only the znode and its list of children.")
    var isNotRecursive = false

    @Flag(name: .customLong("data"), help: "Read the data after a create or change, and print it as well.")
    var showsData = false

    @Flag(name: .customLong("initial"), help: "Begin with the present state of the znode.")
    var showsInitial = false

    @Option(
        help: ArgumentHelp("Only these, separated by commas: created, deleted, data, children.", valueName: "types"))
    var types: EventTypesOperand?

    @Option(help: ArgumentHelp("End after this time.", valueName: "dur"))
    var timeout: DurationOperand?

    @Option(
        help: ArgumentHelp(
            "Run this with /bin/sh at each event; ZOOSH_EVENT, ZOOSH_PATH, ZOOSH_ZXID tell which.", valueName: "cmd"))
    var exec: String?

    @Argument(help: "The znode; it need not exist.")
    var path: PathOperand

    @Argument(help: ArgumentHelp("", isHidden: true))
    var surplus: [String] = []

    func validate() throws {
        if !surplus.isEmpty {
            throw UsageError("one path is watched; a command to run at each event stands behind --exec")
        }
        if isRecursive && isNotRecursive { throw UsageError("either -R or --no-recursive") }
        if let count, count < 1 { throw UsageError("-n: a number of events, 1 or more") }
    }

    func run(in shell: ShellContext) async throws {
        guard let timeout else { return try await follow(shell) }
        let isOver = try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await self.follow(shell)
                return false
            }
            group.addTask {
                try await Task.sleep(for: timeout.duration)
                return true
            }
            defer { group.cancelAll() }
            return try await group.next() ?? false
        }
        if isOver { throw ShellError(.timeout, "no more events within the time limit") }
    }

    private func follow(_ shell: ShellContext) async throws {
        let path = try shell.resolve(path)
        let mode: AddWatchMode = isNotRecursive || types?.includesChildren == true ? .persistent : .persistentRecursive
        var left = isSingle ? 1 : count ?? .max
        var client = try await shell.client()
        var watch = try await client.watch(path, mode: mode)
        if showsInitial { try await emitInitial(path, client: client, in: shell) }
        while left > 0 {
            do {
                try await forward(watch, path, client: client, left: &left, in: shell)
            } catch let error as ZooKeeperError where error.code == .sessionExpired {
                // The next session goes on with it; what happened in between is not known.
                client = try await shell.client()
                watch = try await client.watch(path, mode: mode)
                try shell.emit(WatchRecord(kind: .resync, path: path))
                try shell.output.flush()
            }
        }
    }

    /// Returns when no more events are wanted.
    private func forward(
        _ watch: WatchSequence, _ path: ZnodePath, client: ZooKeeperClient, left: inout Int, in shell: ShellContext
    ) async throws {
        for try await notification in watch {
            switch notification {
            case .resumed:
                try shell.emit(WatchRecord(kind: .resync, path: path))
            case .event(let event):
                if let types, !types.types.contains(event.type) { continue }
                var record = WatchRecord(kind: .event(event.type), path: event.path, zxid: event.zxid)
                if showsData, event.type == .nodeCreated || event.type == .nodeDataChanged {
                    record.data = try await data(of: event.path, client: client)
                }
                try shell.emit(record)
                if let exec { try await run(exec, for: event) }
                left -= 1
            }
            try shell.output.flush()
            if left == 0 { return }
        }
        try Task.checkCancellation()
        throw ShellError(.connection, "\(path): the watch has ended", path: path)
    }

    private func emitInitial(_ path: ZnodePath, client: ZooKeeperClient, in shell: ShellContext) async throws {
        var record = WatchRecord(kind: .initial, path: path)
        record.data = try await data(of: path, client: client)
        record.zxid = record.data?.stat.mzxid
        try shell.emit(record)
        try shell.output.flush()
    }

    /// Nil when the znode is gone again.
    private func data(of path: ZnodePath, client: ZooKeeperClient) async throws -> ZnodeData? {
        do {
            let (data, stat) = try await client.getData(path)
            return ZnodeData(data: data, stat: stat)
        } catch let error as ZooKeeperError where error.code == .noNode {
            return nil
        }
    }

    private func run(_ text: String, for event: WatchEvent) async throws {
        let command = try SystemCommand.start(
            ["/bin/sh", "-c", text],
            environment: [
                ("ZOOSH_EVENT", "\(event.type)"), ("ZOOSH_PATH", event.path.string),
                ("ZOOSH_ZXID", event.zxid.map { "\($0)" } ?? ""),
            ])
        _ = await command.wait()
    }
}

struct EventTypesOperand: ShellValue {
    let types: Set<EventType>

    /// Changes of the list of children are reported only by a watch that is not recursive.
    var includesChildren: Bool { types.contains(.nodeChildrenChanged) }

    init?(argument: String) {
        var types: Set<EventType> = []
        for name in argument.split(separator: ",") {
            switch name {
            case "created": types.insert(.nodeCreated)
            case "deleted": types.insert(.nodeDeleted)
            case "data": types.insert(.nodeDataChanged)
            case "children": types.insert(.nodeChildrenChanged)
            default: return nil
            }
        }
        guard !types.isEmpty else { return nil }
        self.types = types
    }

    init(word: Word) throws(UsageError) {
        guard let value = Self(argument: word.text) else {
            throw UsageError("\(word.text): the types are created, deleted, data and children, separated by commas")
        }
        self = value
    }
}
