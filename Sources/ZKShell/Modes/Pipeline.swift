internal import ZKClient

/// Runs the commands of a script with many requests under way at a time. What they print comes in the order of the
/// commands, and so do their errors.
///
/// Reads that follow one another are always sent ahead: whatever becomes of one, the others do no harm. A write waits
/// for the commands before it, so that after a failure nothing is done that should not be, and after a lost connection
/// there is one write of which nobody knows the outcome; with `--pipeline` writes that follow one another become
/// multis, and others are sent ahead too.
struct Pipeline {
    let session: ShellSession
    let interpreter: Interpreter
    /// Called with the status of each command, in their order. False ends the script.
    let finished: (ExitCode) -> Bool

    /// Commands that are sent together, so that the connection is not written to for each.
    private var burstMax: Int { session.options.pipelines ? SharedWrites.countMax : 2 * SharedReads.countMax }

    /// - Throws: what reading the script fails with.
    func run(_ reader: ScriptReader, name: String?) async throws {
        let answers = AnswerQueue()
        try await withThrowingDiscardingTaskGroup { group in
            var reader = reader
            var window = PipelineWindow()
            var burst: [PipelinedRun] = []
            var begun = 0
            var delivered = 0
            /// Nothing may be sent before all that was sent is answered.
            var mustSettle = false

            func begin(_ prepared: PipelinedRun) {
                let number = begun
                begun += 1
                // Immediate: the request takes its place in the queue before the next one does.
                group.addImmediateTask(executorPreference: prepared.client.taskExecutor) {
                    let status = await prepared.run()
                    answers.put(
                        AnswerQueue.Answer(
                            status: status, output: prepared.output.takeBytes(),
                            errors: prepared.diagnostics.takeLines()),
                        number: number)
                }
            }

            /// Shows the answers of all but the last `limit` commands. False when the script ends here.
            func collect(downTo limit: Int) async -> Bool {
                guard begun - delivered > limit else { return true }
                for answer in await answers.take(upTo: begun - limit) {
                    delivered += 1
                    window.saw(answerBytes: answer.output.count)
                    guard show(answer) else { return false }
                }
                return true
            }

            func sendBurst() async -> Bool {
                let commands = burst
                burst.removeAll(keepingCapacity: true)
                for groupOfCommands in PipelineGroup.groups(of: commands) {
                    if mustSettle {
                        guard await collect(downTo: 0) else { return false }
                    }
                    let (members, send) = groupOfCommands.shared()
                    for prepared in members { begin(prepared) }
                    if let send, let client = members.first?.client {
                        group.addImmediateTask(executorPreference: client.taskExecutor) { await send() }
                    }
                    mustSettle = groupOfCommands.mustBeSettled
                }
                return true
            }

            /// False when the script ends here.
            func deliver(downTo limit: Int) async -> Bool {
                guard await sendBurst() else { return false }
                return await collect(downTo: limit)
            }

            /// Everything so far is done and seen.
            func deliverAll() async -> Bool {
                guard await deliver(downTo: 0) else { return false }
                do throws(ShellError) {
                    try session.output.flush()
                    return true
                } catch {
                    return finished(error.status)
                }
            }

            // What is left when the script ends early must not be waited for.
            defer { group.cancelAll() }
            while session.quitStatus == nil, !Task.isCancelled {
                var step = reader.nextBuffered()
                if step == nil {
                    // Whoever writes the script may wait for an answer before the next command.
                    guard await deliverAll() else { return }
                    step = try await reader.next()
                }
                guard let step else { return }
                switch step {
                case .end:
                    _ = await deliverAll()
                    return
                case .mistake(let mistake, let line):
                    guard await deliverAll() else { return }
                    let location = name.map { SourceLocation(file: $0, line: line) }
                    ShellContext(session: session, commandName: "", location: location).report(ShellError(mistake))
                    guard finished(.usage) else { return }
                case .list(let list, let line):
                    let location = name.map { SourceLocation(file: $0, line: line) }
                    if let prepared = prepare(list, location: location) {
                        burst.append(prepared)
                        if burst.count >= min(burstMax, window.limit) {
                            guard await sendBurst() else { return }
                        }
                        if begun - delivered >= window.limit {
                            guard await deliver(downTo: window.limit / 2) else { return }
                        }
                        continue
                    }
                    guard await deliverAll() else { return }
                    var goesOn = true
                    let last = await interpreter.run(list, location: location) { failure in
                        goesOn = finished(failure)
                        return goesOn
                    }
                    guard goesOn else { return }
                    if last == .success { _ = finished(.success) }
                }
            }
            _ = await deliverAll()
        }
    }

    /// The command of `list`, when it may be sent ahead.
    private func prepare(_ list: CommandList, location: SourceLocation?) -> PipelinedRun? {
        // Without a connection the command waits for one by itself, and says what is wrong when there is none.
        guard !session.options.isCompatible, let words = words(of: list),
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

    private func show(_ answer: AnswerQueue.Answer) -> Bool {
        var status = answer.status
        do throws(ShellError) {
            try session.output.writeKept(answer.output)
            if !answer.errors.isEmpty { try session.output.flush() }
        } catch {
            status = error.status
        }
        for line in answer.errors { session.diagnostics.writeLine(line) }
        session.lastStatus = status
        return finished(status)
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
        let context = ShellContext(
            pipelinedIn: session, client: client, commandName: words.first?.text ?? "", location: location)
        guard let command = try? prepare(words, in: context) as? any PipelinedCommand, command.isOneRequest,
            !type(of: command).declaration.writes || session.options.pipelines && !session.options.exitsOnError
        else { return nil }
        return PipelinedRun(command: command, context: context, client: client)
    }
}
