internal import ShellLanguage
internal import ZKCore
internal import ZKRecipes

struct LockCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "lock", group: .transactions, abstract: "Hold a lock while a command runs.",
        discussion: """
            Waits in the order of arrival. The znodes are those of Curator's InterProcessMutex; with --shared and --write
            those of InterProcessReadWriteLock; with --layout kazoo those of kazoo's Lock and WriteLock, or ReadLock with
            --shared (which kazoo's Lock does not count).
            """ + "\n" + LayoutOptions.discussion + "\n" + HoldOptions.childDiscussion,
        examples: [
            .init("lock /locks/backup -- ./backup.sh", "one backup at a time, wherever it is started"),
            .init("lock /locks/a --timeout 0 -- make", "or not at all: exit 124 when somebody has it"),
            .init("lock /locks/a --layout kazoo -- make", "beside programs that use kazoo's Lock"),
            .init("lock /locks/a", "hold it until Ctrl-C"),
        ],
        exitStatuses: [
            .init(.lost, "the lock was lost while the command ran"), .init(.timeout, "not acquired in time"),
            .init(.refused, "another contender does not count this one"), .init(.notFound, "there is no such command"),
        ],
        writes: true)

    @Flag(name: .shortAndLong, help: "A reader's lock: held together with other readers, not with a writer.")
    var shared = false

    @Flag(name: .shortAndLong, help: "The writer's lock beside readers' of Curator's InterProcessReadWriteLock.")
    var write = false

    @OptionGroup var layout: LayoutOptions

    @Option(help: ArgumentHelp("Data of the lock's znode, for those who look who has it.", valueName: "text"))
    var data: String?

    @OptionGroup var options: HoldOptions

    @Argument(help: "The lock; its znode is created when missing.")
    var path: PathOperand

    @Argument(parsing: .afterTerminator, help: ArgumentHelp("What to run while the lock is held.", valueName: "cmd"))
    var command: [WordOperand] = []

    func validate() throws {
        if shared, write { throw UsageError("--shared is for readers, --write for writers") }
    }

    func run(in shell: ShellContext) async throws {
        let path = try shell.resolve(path)
        if shell.options.isDryRun { return try shell.wouldDo("hold the lock \(path)") }
        let held = try await shell.acquire(path, timeout: options.timeout?.duration) { client, timeout in
            let kind: DistributedLock.Kind = shared ? .read : write ? .write : .exclusive
            return try await DistributedLock(
                client, path: path, kind: kind, data: Array((data ?? "").utf8), layout: layout.recipeLayout
            ).acquire(timeout: timeout)
        }
        try await shell.hold(held, of: path, verb: "locked", command: command, grace: options.graceDuration)
    }
}
