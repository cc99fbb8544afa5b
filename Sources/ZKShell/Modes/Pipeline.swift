internal import ShellLanguage
internal import ZKClient

/// Runs the commands of a script with many requests under way at a time. What they print comes in the order of the
/// commands, and so do their errors.
///
/// The server does what a session asks for in the order in which it was asked, so commands are sent ahead of the answers to
/// those before them. Writes that follow one another become one multi, of which a failure leaves nothing; what comes behind
/// it waits, since its writes may have to be repeated one by one. With `--exit-on-error` each write waits for the commands
/// before it, so that nothing is done behind a failure; reads that nobody looks at do no harm.
struct Pipeline {
    private typealias Tasks = ThrowingDiscardingTaskGroup<any Error>

    private let session: ShellSession
    private let interpreter: Interpreter
    /// Called with the status of each command, in their order, and whether its line has looked at it itself. False ends
    /// the script.
    private let finished: (_ status: ExitCode, _ isTested: Bool) -> Bool
    private let answers = AnswerQueue()
    private var window = PipelineWindow()
    /// Commands that are sent together, so that the connection is not written to for each.
    private var burst: [PipelinedRun] = []
    /// Nothing may be sent before all that was sent is answered.
    private var mustSettle = false

    private var sendsWritesAhead: Bool { !session.options.exitsOnError }

    init(session: ShellSession, interpreter: Interpreter, finished: @escaping (ExitCode, Bool) -> Bool) {
        self.session = session
        self.interpreter = interpreter
        self.finished = finished
    }

    /// - Throws: what reading the script fails with.
    mutating func run(_ reader: ScriptReader, name: String?) async throws {
        try await withThrowingDiscardingTaskGroup { tasks in
            // What is left when the script ends early must not be waited for.
            defer { tasks.cancelAll() }
            try await run(reader, name: name, in: &tasks)
        }
    }

    private mutating func run(_ reader: ScriptReader, name: String?, in tasks: inout Tasks) async throws {
        var reader = reader
        while session.quitStatus == nil, !Task.isCancelled {
            var step = reader.nextBuffered()
            if step == nil {
                // Whoever writes the script may wait for an answer before the next command.
                guard await deliverAll(in: &tasks) else { return }
                step = try await reader.next()
            }
            guard let step, await take(step, of: name, in: &tasks) else { return }
        }
        _ = await deliverAll(in: &tasks)
    }

    // Those below return false when the script ends here.

    private mutating func take(_ step: ScriptReader.Step, of name: String?, in tasks: inout Tasks) async -> Bool {
        switch step {
        case .end:
            _ = await deliverAll(in: &tasks)
            return false
        case .mistake(let mistake, let line):
            guard await deliverAll(in: &tasks) else { return false }
            let location = name.map { SourceLocation(file: $0, line: line) }
            ShellContext(session: session, commandName: "", location: location).report(ShellError(mistake))
            return finished(.usage, false)
        case .list(let list, let line):
            let location = name.map { SourceLocation(file: $0, line: line) }
            if let prepared = prepare(list, location: location) { return await add(prepared, in: &tasks) }
            guard await deliverAll(in: &tasks) else { return false }
            var goesOn = true
            let last = await interpreter.run(list, location: location) { failure, isTested in
                goesOn = finished(failure, isTested)
                return goesOn
            }
            if goesOn, last == .success { _ = finished(.success, false) }
            return goesOn
        }
    }

    private mutating func add(_ prepared: PipelinedRun, in tasks: inout Tasks) async -> Bool {
        burst.append(prepared)
        if burst.count >= min(SharedWrites.countMax, window.limit) {
            guard await sendBurst(in: &tasks) else { return false }
        }
        guard answers.outstandingCount >= window.limit else { return true }
        guard await sendBurst(in: &tasks) else { return false }
        return await show(allBut: window.limit / 2)
    }

    private mutating func sendBurst(in tasks: inout Tasks) async -> Bool {
        let groups = PipelineGroup.groups(
            of: burst, sharedWritesMin: sendsWritesAhead ? SharedWrites.countMinAhead : 2)
        burst.removeAll(keepingCapacity: true)
        for group in groups {
            let standsAlone = group.writes && !sendsWritesAhead
            if mustSettle || standsAlone {
                guard await show(allBut: 0) else { return false }
            }
            let (members, send) = group.shared(inTurn: !sendsWritesAhead)
            for prepared in members { begin(prepared, in: &tasks) }
            if let send, let client = members.first?.client {
                tasks.addImmediateTask(executorPreference: client.taskExecutor) { await send() }
            }
            mustSettle = group.isSharedWrite || standsAlone
        }
        return true
    }

    private func begin(_ prepared: PipelinedRun, in tasks: inout Tasks) {
        let place = answers.reserve()
        // Immediate: the request takes its place in the queue before the next one does.
        tasks.addImmediateTask(executorPreference: prepared.client.taskExecutor) { [answers] in
            let status = await prepared.run()
            answers.put(
                AnswerQueue.Answer(
                    status: status, output: prepared.output.takeBytes(), errors: prepared.diagnostics.takeLines()),
                at: place)
        }
    }

    /// Everything so far is done and seen.
    private mutating func deliverAll(in tasks: inout Tasks) async -> Bool {
        guard await sendBurst(in: &tasks), await show(allBut: 0) else { return false }
        do throws(ShellError) {
            try session.output.flush()
            return true
        } catch {
            return finished(error.status, false)
        }
    }

    private mutating func show(allBut count: Int) async -> Bool {
        for answer in await answers.take(allBut: count) {
            window.saw(answerBytes: answer.output.count)
            guard show(answer) else { return false }
        }
        return true
    }

    private func show(_ answer: AnswerQueue.Answer) -> Bool {
        session.watchNotices.drain()
        var status = answer.status
        do throws(ShellError) {
            try session.output.writeKept(answer.output)
            if !answer.errors.isEmpty { try session.output.flush() }
        } catch {
            status = error.status
        }
        for line in answer.errors { session.diagnostics.writeLine(line) }
        session.lastStatus = status
        return finished(status, false)
    }

    /// The command of `list`, when it may be sent ahead.
    private func prepare(_ list: CommandList, location: SourceLocation?) -> PipelinedRun? {
        // Without a connection the command waits for one by itself, and says what is wrong when there is none.
        guard session.options.pipelines, !session.options.isCompatible, let words = words(of: list),
            let client = session.connection.currentClient, client.state.isConnected
        else { return nil }
        return interpreter.preparePipelined(words, client: client, location: location)
    }

    /// Of a line with a single command and nothing around it.
    private func words(of list: CommandList) -> [Word]? {
        guard list.items.count == 1, session.transaction == nil, !session.options.showsTiming else { return nil }
        let invocation = list.items[0].invocation
        guard invocation.systemCommand == nil, invocation.input == nil, invocation.output == nil else { return nil }
        return invocation.words
    }
}

/// A command that is ready to run, with an output of its own.
///
/// `@unchecked Sendable`: it is handed to the one task that runs it, and nobody else has the command.
struct PipelinedRun: @unchecked Sendable {
    let command: any PipelinedCommand
    var context: ShellContext
    let client: ZooKeeperClient

    var output: Output { context.output }
    var diagnostics: Diagnostics { context.diagnostics }

    func run() async -> ExitCode {
        do {
            try await command.run(in: context)
            return .success
        } catch {
            return context.fail(error)
        }
    }
}

extension Interpreter {
    /// The command that `words` stand for, when it may be sent ahead; nil for all others, and for those with a mistake.
    func preparePipelined(_ words: [Word], client: ZooKeeperClient, location: SourceLocation?) -> PipelinedRun? {
        let words = session.withAliasesExpanded(words)
        var context = ShellContext(
            pipelinedIn: session, client: client, commandName: words.first?.text ?? "", location: location)
        guard let command = try? prepare(words, in: &context) as? any PipelinedCommand, command.isOneRequest,
            !command.writes || command.sharedWriteBytes != nil || !session.options.exitsOnError,
            // A dry run asks what the ones before would have left.
            !command.writes || !session.options.isDryRun
        else { return nil }
        return PipelinedRun(command: command, context: context, client: client)
    }
}
