internal import ShellLanguage
internal import ZKCore
internal import ZKRecipes

struct SemaphoreCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "semaphore", group: .transactions, abstract: "Hold one of N leases while a command runs.",
        discussion: """
            All users of PATH must agree on N. The layout is that of Curator's InterProcessSemaphoreV2; with
            --layout kazoo it is that of kazoo's Semaphore.
            """ + "\n" + LayoutOptions.discussion + "\n" + HoldOptions.childDiscussion,
        examples: [
            .init("semaphore /limits/import 3 -- ./import.sh a.csv", "three imports at a time, the next ones wait"),
            .init("semaphore /limits/import 3 --timeout 1m -- true", "exit 124 when there was none for a minute"),
        ],
        exitStatuses: [
            .init(.lost, "the lease was lost while the command ran"), .init(.timeout, "no lease in time"),
            .init(.refused, "another contender does not count this one"), .init(.notFound, "there is no such command"),
        ],
        writes: true)

    @OptionGroup var options: HoldOptions

    @OptionGroup var layout: LayoutOptions

    @Argument(help: "The semaphore; its znode is created when missing.")
    var path: PathOperand

    @Argument(help: ArgumentHelp("How many leases there are.", valueName: "n"))
    var leases: Int

    @Argument(parsing: .afterTerminator, help: ArgumentHelp("What to run while a lease is held.", valueName: "cmd"))
    var command: [WordOperand] = []

    func validate() throws {
        guard leases >= 1 else { throw UsageError("N: a number of leases, 1 or more") }
    }

    func run(in shell: ShellContext) async throws {
        let path = try shell.resolve(path)
        if shell.options.isDryRun { return try shell.wouldDo("hold one of \(leases) leases of \(path)") }
        let held = try await shell.acquire(path, timeout: options.timeout?.duration) { client, timeout in
            try await DistributedSemaphore(client, path: path, leasesMax: leases, layout: layout.recipeLayout)
                .acquire(timeout: timeout)
        }
        try await shell.hold(held, of: path, verb: "leased", command: command, grace: options.graceDuration)
    }
}
