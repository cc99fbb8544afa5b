import Glibc
public import ShellLanguage
internal import ZKClient
internal import ZKSystem

/// Runs parsed commands, with their redirections, and turns errors into messages and statuses.
public struct Interpreter: Sendable {
    let session: ShellSession

    public init(session: ShellSession) {
        self.session = session
    }

    /// Runs the commands of `list` and returns the status of the last one that ran; nil when none did.
    ///
    /// As in sh, commands with `&&` and `||` between them are one: its status is that of the last one that ran.
    ///
    /// - Parameter location: the first line of `list` in its file.
    /// - Parameter environment: variables for the system commands in it.
    /// - Parameter onFailure: called with the status of each that fails, and whether the line has looked at it itself,
    ///   since it stood before an `&&` or `||`; returning false stops the list.
    public func run(
        _ list: CommandList, location: SourceLocation? = nil, environment: [(name: String, value: String)] = [],
        onFailure: (_ status: ExitCode, _ isTested: Bool) -> Bool = { _, _ in true }
    ) async -> ExitCode? {
        var status: ExitCode?
        var isTested = false
        for (index, item) in list.items.enumerated() {
            let endsChain = index + 1 == list.items.count || list.items[index + 1].connector == .always
            if item.connector.runs(after: status) {
                status = await run(item.invocation, location: location, environment: environment)
                isTested = !endsChain
            }
            if session.quitStatus != nil || Task.isCancelled { break }
            // Whoever reads the output has left: what stands behind || is not meant for that.
            guard endsChain || session.output.hasFailed, let status, status != .success else { continue }
            if !onFailure(status, isTested) || session.output.hasFailed { break }
        }
        return status
    }

    /// Runs one command of a list.
    private func run(
        _ invocation: Invocation, location: SourceLocation?, environment: [(name: String, value: String)]
    ) async -> ExitCode {
        let place = location.map { SourceLocation(file: $0.file, line: $0.line + invocation.lineOffset) }
        let start = ContinuousClock.now
        let status = await run(invocation, at: place, environment: environment)
        if session.options.showsTiming {
            session.diagnostics.writeLine("(\((ContinuousClock.now - start).inMilliseconds))")
        }
        session.lastStatus = status
        return status
    }

    /// Runs one command with its redirections.
    private func run(
        _ invocation: Invocation, at location: SourceLocation?, environment: [(name: String, value: String)]
    ) async -> ExitCode {
        let name = invocation.words.first?.text ?? "!"
        let context = ShellContext(session: session, commandName: name, location: location)
        do {
            if let text = invocation.systemCommand { return try await runSystemCommand(text, environment) }
            return try await runRedirected(invocation, location: location, environment: environment)
        } catch {
            return context.fail(error)
        }
    }

    /// Runs `words` as a command, without redirections: for one-shot use and for commands that run commands.
    public func run(
        words: [Word], output: Output? = nil, input: (any InputSource)? = nil, location: SourceLocation? = nil
    ) async -> ExitCode {
        guard let name = words.first?.text else { return .success }
        var context = ShellContext(
            session: session, output: output, input: input, commandName: name, location: location)
        do {
            let expanded = session.withAliasesExpanded(words)
            if expanded.first != words.first {
                context = ShellContext(
                    session: session, output: output, input: input, commandName: expanded[0].text, location: location)
            }
            guard let command = try prepareNoting(expanded, in: &context) else { return try context.finish() }
            if session.transaction != nil, type(of: command).declaration.writes {
                try await collect(command, in: context)
            } else {
                try await command.run(in: context)
            }
            return try context.finish()
        } catch {
            return context.fail(await context.suggesting(error))
        }
    }

    // MARK: Transactions

    /// Adds `command` to the transaction that is open.
    private func collect(_ command: any ShellCommand, in context: ShellContext) async throws {
        do {
            session.addToTransaction(try await command.asTransactionOp(in: context))
        } catch {
            noteMistake()
            throw error
        }
    }

    private func prepareNoting(_ words: [Word], in context: inout ShellContext) throws -> (any ShellCommand)? {
        do {
            return try prepare(words, in: &context)
        } catch {
            noteMistake()
            throw error
        }
    }

    /// Whoever types sees the mistake and writes the line again; a script must not go on without it.
    private func noteMistake() {
        if !session.isInteractive { session.noteTransactionMistake() }
    }

    // MARK: One command

    /// The command that `words` stand for; nil when they asked for its help, which is printed.
    ///
    /// - Parameter context: gets the format of the output when the words have one.
    func prepare(_ words: [Word], in context: inout ShellContext) throws -> (any ShellCommand)? {
        guard let entry = CommandRegistry[context.commandName] else {
            throw CommandRegistry.unknownCommand(context.commandName)
        }
        let declaration = entry.command.declaration
        let schema = CommandSchema.of(entry.command)
        let matched: MatchedArguments
        do throws(UsageError) {
            matched = try ArgumentMatcher.match(
                entry.addedWords + words.dropFirst(), trailingWord: declaration.trailingWord, schema: schema,
                outer: .of(GlobalOptions.self),
                outerBehind: context.options.isCompatible ? [] : ["--json", "--output", "-o"])
            try context.takeOutputFormat(matched.outer)
        } catch {
            throw ShellError.usage("\(error.message); `help \(declaration.name)` shows the usage")
        }
        if matched.asksForHelp {
            try context.output.write(CommandHelp.text(of: entry.command))
            return nil
        }
        for warning in matched.warnings { context.warn(warning) }
        if declaration.writes && context.options.isReadOnly {
            throw ShellError(.refused, "refused: the shell was started with --read-only")
        }
        if declaration.writes, let offline = context.session.offline {
            throw ShellError(
                .refused, "refused: the shell looks at \(offline.path) offline, and never changes it")
        }
        return try entry.command.make(from: matched, schema: schema)
    }

    // MARK: Redirections

    private func runRedirected(
        _ invocation: Invocation, location: SourceLocation?, environment: [(name: String, value: String)]
    ) async throws -> ExitCode {
        let input: (any InputSource)? =
            switch invocation.input {
            case nil: nil
            case .file(let word): MemoryInput(try LocalFile.read(FileName(word)))
            case .hereDocument(let bytes): MemoryInput(bytes)
            }
        switch invocation.output {
        case nil:
            return await runPaged(invocation.words, input: input, location: location)
        case .file(let word, let appends):
            let descriptor = try LocalFile.create(FileName(word), appends: appends)
            defer { LocalFile.close(descriptor) }
            let isTerminal = isatty(descriptor) == 1
            let output = Output(
                descriptor: descriptor, isTerminal: isTerminal,
                usesColor: session.options.usesColor(isTerminal: isTerminal))
            return await run(words: invocation.words, output: output, input: input, location: location)
        case .pipe(let text):
            return try await runPiped(
                invocation, into: text, input: input, location: location, environment: environment)
        }
    }

    /// Output that a person at the prompt would see scroll by goes through the pager.
    private func runPaged(
        _ words: [Word], input: (any InputSource)?, location: SourceLocation?
    ) async -> ExitCode {
        guard session.isInteractive, location == nil, session.output.isTerminal,
            let pager = Pager(options: session.options, diagnostics: session.diagnostics)
        else { return await run(words: words, input: input, location: location) }
        let output = pager.output(usesColor: session.output.usesColor)
        let status = await run(words: words, output: output, input: input, location: location)
        await pager.finish()
        // Who leaves the pager has seen enough.
        return status == .brokenPipe ? .success : status
    }

    /// The status is that of the command if it failed, else that of the system command.
    private func runPiped(
        _ invocation: Invocation, into text: Word, input: (any InputSource)?, location: SourceLocation?,
        environment: [(name: String, value: String)]
    ) async throws -> ExitCode {
        try session.output.flush()
        guard let ends = Pipe() else {
            throw ShellError(.localIO, "cannot make a pipe: \(systemErrorText(errno))")
        }
        let (reading, writing) = (ends.reading, ends.writing)
        let child: SystemCommand
        do throws(ShellError) {
            child = try SystemCommand.shell(text, input: reading, environment: environment)
        } catch {
            LocalFile.close(reading)
            LocalFile.close(writing)
            throw error
        }
        LocalFile.close(reading)
        let output = Output(
            descriptor: writing, isTerminal: false, usesColor: session.options.usesColor(isTerminal: false))
        let status = await run(words: invocation.words, output: output, input: input, location: location)
        LocalFile.close(writing)
        let childStatus = await child.wait()
        // A reader such as `head` may leave early: that is its business.
        return status == .success || status == .brokenPipe ? childStatus : status
    }

    private func runSystemCommand(
        _ text: Word, _ environment: [(name: String, value: String)]
    ) async throws -> ExitCode {
        try session.output.flush()
        session.diagnostics.holdNotices()
        defer { session.diagnostics.releaseNotices() }
        return try await SystemCommand.shell(text, environment: environment).wait()
    }
}

extension CommandList.Connector {
    /// - Parameter status: that of the last command that ran.
    fileprivate func runs(after status: ExitCode?) -> Bool {
        switch self {
        case .always: true
        case .afterSuccess: status == .success
        case .afterFailure: status != .success
        }
    }
}

extension ShellContext {
    /// Flushes what the command has printed.
    fileprivate func finish() throws(ShellError) -> ExitCode {
        try output.flush()
        return .success
    }

    /// Reports `error` and returns the status that stands for it.
    func fail(_ error: any Error) -> ExitCode {
        let error = ShellError(error)
        report(error)
        return options.isCompatible ? CompatibleMessage.status(error.status) : error.status
    }
}
