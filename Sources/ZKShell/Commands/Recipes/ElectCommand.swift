internal import Glibc
internal import ShellLanguage
internal import ZKClient
internal import ZKCore
internal import ZKRecipes
internal import ZKText

struct ElectCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "elect", group: .transactions, abstract: "Run a command while being the leader.",
        discussion: """
            The candidates lead in the order of arrival. The layout is that of Curator's LeaderLatch, in which the data
            of the leader's znode is its name; with --layout kazoo it is that of kazoo's Election.
            """ + "\n" + LayoutOptions.discussion + "\n" + HoldOptions.childDiscussion,
        examples: [
            .init("elect /app/leader node1 -- ./serve", "one of all that say so runs"),
            .init("elect /app/leader --listen", "who leads, now and at each change"),
        ],
        exitStatuses: [
            .init(.lost, "the leadership was lost while the command ran"), .init(.timeout, "not elected in time"),
            .init(.refused, "another contender does not count this one"), .init(.notFound, "there is no such command"),
        ],
        writes: true)

    @Flag(name: .shortAndLong, help: "Only print who leads, now and at each change, until Ctrl-C.")
    var listen = false

    @OptionGroup var options: HoldOptions

    @OptionGroup var layout: LayoutOptions

    @Argument(help: "The election; its znode is created when missing.")
    var path: PathOperand

    @Argument(help: "The candidate's name; the name of the host and the process ID if left out.")
    var value: WordOperand?

    @Argument(parsing: .afterTerminator, help: ArgumentHelp("What to run while leading.", valueName: "cmd"))
    var command: [WordOperand] = []

    func validate() throws {
        if listen, value != nil || !command.isEmpty {
            throw UsageError("--listen only looks: it takes neither a name nor a command")
        }
    }

    func run(in shell: ShellContext) async throws {
        let path = try shell.resolve(path)
        if listen { return try await follow(path, in: shell) }
        if shell.options.isDryRun { return try shell.wouldDo("be a candidate for \(path)") }
        let name = value?.word.bytes ?? Array("\(Self.hostName):\(getpid())".utf8)
        let held = try await shell.acquire(path, timeout: options.timeout?.duration) { client, timeout in
            try await LeaderElection(client, path: path, name: name, layout: layout.recipeLayout)
                .campaign(timeout: timeout)
        }
        try await shell.hold(held, of: path, verb: "leading as", command: command, grace: options.graceDuration)
    }

    private func follow(_ path: ZnodePath, in shell: ShellContext) async throws {
        try await shell.withTimeout(options.timeout?.duration, "\(path): the time to listen is over") {
            var pause = RetryPause()
            _ = try await shell.client()
            while true {
                do {
                    let client = try await shell.client()
                    try await LeaderElection(client, path: path, name: []).observe { leader in
                        try shell.emit(LeaderResult(path: path, leader: leader))
                        try shell.output.flush()
                        pause.reset()
                        return true
                    }
                } catch let error as ZooKeeperError where error.isTransient || error.code == .sessionExpired {
                    // The next session, or this one with its next server, looks again.
                    try await pause.sleep()
                } catch let error as ShellError where error.status == .connection && error.code?.isTransient == true {
                    try await pause.sleep()
                }
            }
        }
    }

    static var hostName: String {
        var bytes = [CChar](repeating: 0, count: 256)
        guard gethostname(&bytes, bytes.count - 1) == 0 else { return "localhost" }
        return String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// Who leads.
private struct LeaderResult: ShellResult {
    var path: ZnodePath
    var leader: LeaderElection.Leader?

    var json: JSONValue {
        .members([
            "path": JSONValue(path), "node": leader.map { JSONValue($0.path) } ?? .null,
            "leader": leader.map { .string(String(decoding: $0.name, as: UTF8.self)) } ?? .null,
        ])
    }

    func writePlain(to output: Output) throws(ShellError) {
        guard let leader else { return try output.writeLine("nobody leads") }
        try output.write("leader ")
        try output.write(leader.name)
        try output.writeLine(" (\(leader.path))")
    }

    func writeRaw(to output: Output) throws(ShellError) {
        try output.write(leader?.name ?? [])
        try output.writeLine()
    }
}
