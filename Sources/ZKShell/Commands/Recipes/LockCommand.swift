internal import ShellLanguage
internal import ZKCore
internal import ZKRecipes

struct LockCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "lock", group: .transactions, abstract: "Hold a lock while a command runs.",
        discussion: """
            Waits in the order of arrival. The layout is that of Curator's InterProcessMutex, which kazoo and others
            respect; with --shared it is that of InterProcessReadWriteLock.
            """ + "\n" + HoldOptions.childDiscussion,
        examples: [
            .init("lock /locks/backup -- ./backup.sh", "one backup at a time, wherever it is started"),
            .init("lock /locks/a --timeout 0 -- make", "or not at all: exit 124 when somebody has it"),
            .init("lock /locks/a", "hold it until Ctrl-C"),
        ],
        exitStatuses: [
            .init(.lost, "the lock was lost while the command ran"), .init(.timeout, "not acquired in time"),
            .init(.notFound, "there is no such command"),
        ],
        writes: true)

    @Flag(name: .shortAndLong, help: "A reader's lock: held together with other readers, not with a writer.")
    var shared = false

    @Option(help: ArgumentHelp("Data of the lock's znode, for those who look who has it.", valueName: "text"))
    var data: String?

    @OptionGroup var options: HoldOptions

    @Argument(help: "The lock; its znode is created when missing.")
    var path: PathOperand

    @Argument(parsing: .afterTerminator, help: ArgumentHelp("What to run while the lock is held.", valueName: "cmd"))
    var command: [WordOperand] = []

    func run(in shell: ShellContext) async throws {
        let path = try shell.resolve(path)
        if shell.options.isDryRun { return try shell.wouldDo("hold the lock \(path)") }
        let held = try await shell.acquire(timeout: options.timeout?.duration) { client, timeout in
            let kind: DistributedLock.Kind = shared ? .read : .exclusive
            return try await DistributedLock(client, path: path, kind: kind, data: Array((data ?? "").utf8))
                .acquire(timeout: timeout)
        }
        try await shell.hold(held, of: path, verb: "locked", command: command, grace: options.graceDuration)
    }
}
