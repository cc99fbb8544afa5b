internal import ShellLanguage
internal import ZKClient
internal import ZKCore
internal import ZKRecipes
internal import ZKText

struct BarrierCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "barrier", group: .transactions, abstract: "Wait until N are there, and leave together.",
        discussion: """
            Each of N processes enters; all go on when the last one has. With CMD each runs it then, and all leave when
            the last one is done. The layout is that of Curator's DistributedDoubleBarrier. A barrier that all have left
            can be used again. One that was killed counts until its session has ended.
            """,
        examples: [
            .init("barrier /jobs/42 3", "returns in all three when the third has come"),
            .init("barrier /jobs/42 3 --timeout 1m -- ./step.sh", "the step begins and ends together"),
        ],
        exitStatuses: [
            .init(.timeout, "not all came in time"), .init(.lost, "the session was lost while the command ran"),
        ],
        writes: true)

    @OptionGroup var options: HoldOptions

    @Argument(help: "The barrier; its znode is created when missing.")
    var path: PathOperand

    @Argument(help: ArgumentHelp("How many must have come.", valueName: "n"))
    var members: Int

    @Argument(parsing: .afterTerminator, help: ArgumentHelp("What to run when all are there.", valueName: "cmd"))
    var command: [WordOperand] = []

    func validate() throws {
        guard members >= 1 else { throw UsageError("N: a number of members, 1 or more") }
    }

    func run(in shell: ShellContext) async throws {
        let path = try shell.resolve(path)
        if shell.options.isDryRun { return try shell.wouldDo("enter the barrier \(path) with \(members - 1) others") }
        let (client, barrier) = try await shell.acquire(path, timeout: options.timeout?.duration) { client, timeout in
            let barrier = DoubleBarrier(client, path: path, membersMin: members)
            try await barrier.enter(timeout: timeout)
            return (client, barrier)
        }
        var status = ExitCode.success
        if !command.isEmpty {
            let session = Hex.number(client.session.id)
            let result = try await shell.run(
                command,
                environment: [(name: "ZOOSH_BARRIER", value: path.string), (name: "ZOOSH_SESSION", value: session)],
                grace: options.graceDuration, for: client
            ) {
                for await event in client.sessionEvents() where event == .expired { return }
            }
            guard let result else { throw ShellError(.lost, "\(path): session lost; the command was stopped") }
            status = result
        }
        do {
            // Who has interrupted the command waits neither for the others nor for a server that hangs.
            try await barrier.leave(timeout: status == .interrupted ? .milliseconds(300) : nil)
        } catch  where status != .success {
            // What the command has said counts.
        }
        guard status == .success else { throw ShellError.silent(status) }
        if shell.options.output == .json { try shell.emit(DoneResult(path: path)) }
    }
}
