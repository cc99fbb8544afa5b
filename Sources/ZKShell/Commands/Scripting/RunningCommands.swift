internal import ShellLanguage

struct TimeCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "time", group: .shell, abstract: "Run a command and say how long it took.",
        discussion: "The time goes to stderr. `opt timing on` does it for every command.",
        examples: [
            .init("time ls -R /", "the list, then the time"),
            .init("time count /", "how long it takes to walk all znodes"),
        ])

    @Argument(parsing: .allRemaining, help: "The command.", completion: .command)
    var cmd: [WordOperand]

    func run(in shell: ShellContext) async throws {
        let start = ContinuousClock.now
        let status = await shell.run(cmd.map(\.word))
        let elapsed = ContinuousClock.now - start
        shell.session.diagnostics.writeLine("time: \(elapsed.inMilliseconds)")
        if status != .success { throw ShellError.silent(status) }
    }
}

struct TryCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "try", group: .shell, abstract: "Run a command whose failure does not matter.",
        discussion: "Its error is still written to stderr; the status is 0.",
        examples: [
            .init("try delete /app/lock", "a script goes on, even with --exit-on-error"),
            .init("try create /app", "it may be there already"),
        ])

    @Argument(parsing: .allRemaining, help: "The command.", completion: .command)
    var cmd: [WordOperand]

    func run(in shell: ShellContext) async throws {
        let status = await shell.run(cmd.map(\.word))
        // Not what the user calls a failure of the command.
        if [.interrupted, .brokenPipe, .localIO].contains(status) { throw ShellError.silent(status) }
    }
}

struct RepeatCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "repeat", group: .shell, abstract: "Run a command several times.",
        discussion: "Goes on after a failure, unless --exit-on-error is on; the status is that of the first failure.",
        examples: [
            .init("repeat 5 create -s /q/n-", "five sequential znodes"),
            .init("repeat 0 -i 2s stat /app", "every two seconds until Ctrl-C"),
        ])

    @Option(name: .customShort("i"), help: ArgumentHelp("Pause between two runs.", valueName: "dur"))
    var interval: SecondsOperand?

    @Argument(help: "How often; 0 is until Ctrl-C.")
    var n: Int

    @Argument(parsing: .allRemaining, help: "The command.", completion: .command)
    var cmd: [WordOperand]

    func run(in shell: ShellContext) async throws {
        guard n >= 0 else { throw UsageError("N is 0 or more") }
        let words = cmd.map(\.word)
        var first = ExitCode.success
        var count = 0
        while n == 0 || count < n {
            if count > 0, let interval { try await Task.sleep(for: interval.duration) }
            try Task.checkCancellation()
            let status = await shell.run(words)
            try shell.output.flush()
            count += 1
            if first == .success { first = status }
            if shell.session.quitStatus != nil { break }
            if [.interrupted, .brokenPipe, .localIO, .notFound, .usage].contains(status) { break }
            if status != .success, shell.options.exitsOnError { break }
        }
        if first != .success { throw ShellError.silent(first) }
    }
}
