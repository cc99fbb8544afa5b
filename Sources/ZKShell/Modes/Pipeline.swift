internal import ZKClient

/// Runs the commands of a script with many requests under way at a time. What they print comes in the order of the
/// commands, and so do their errors.
struct Pipeline {
    let session: ShellSession
    let interpreter: Interpreter
    /// Called with the status of each command that has failed.
    let note: (ExitCode) -> Bool

    /// Commands under way; then half of them are waited for, since a wait for each would cost a switch of threads each.
    private static let commandsMax = 2048

    private struct Answer: Sendable {
        var number: Int
        var status: ExitCode
        var output: [UInt8]
        var errors: [String]
    }

    enum End {
        case endOfScript
        /// A command failed in a way that ends the script.
        case stopped
    }

    /// - Throws: what reading the script fails with.
    func run(_ reader: ScriptReader, name: String?) async throws -> End {
        // A server that cannot be reached is the matter of the first command.
        var client = try? await session.connection.client()
        return try await withThrowingTaskGroup(of: Answer.self) { group in
            var reader = reader
            var waiting: [Int: Answer] = [:]
            var nextNumber = 0
            var delivered = 0

            func deliver(downTo limit: Int) async throws -> Bool {
                while nextNumber - delivered > limit, let answer = try await group.next() {
                    waiting[answer.number] = answer
                    while let answer = waiting.removeValue(forKey: delivered) {
                        delivered += 1
                        guard show(answer) else { return false }
                    }
                }
                return true
            }

            while session.quitStatus == nil, !Task.isCancelled {
                let (list, line): (CommandList, Int)
                switch try await reader.next() {
                case .end: return try await deliver(downTo: 0) ? .endOfScript : .stopped
                case .mistake(let mistake, let mistakenLine):
                    guard try await deliver(downTo: 0) else { return .stopped }
                    let location = name.map { SourceLocation(file: $0, line: mistakenLine) }
                    ShellContext(session: session, commandName: "", location: location).report(ShellError(mistake))
                    guard note(.usage) else { return .stopped }
                    continue
                case .list(let read, let firstLine): (list, line) = (read, firstLine)
                }
                let location = name.map { SourceLocation(file: $0, line: line) }
                if let client, !client.state.isOver, let words = words(of: list),
                    let prepared = interpreter.preparePipelined(words, client: client, location: location)
                {
                    let number = nextNumber
                    nextNumber += 1
                    // Immediate: the request takes its place in the queue before the next one does.
                    group.addImmediateTask {
                        let status = await prepared.run()
                        return Answer(
                            number: number, status: status, output: prepared.output.takeBytes(),
                            errors: prepared.diagnostics.takeLines())
                    }
                    if nextNumber - delivered >= Self.commandsMax {
                        guard try await deliver(downTo: Self.commandsMax / 2) else { return .stopped }
                    }
                    continue
                }
                guard try await deliver(downTo: 0) else { return .stopped }
                var goesOn = true
                _ = await interpreter.run(list, location: location) { failure in
                    goesOn = note(failure)
                    return goesOn
                }
                if !goesOn { return .stopped }
                // `connect` and `close` change it, and so does the end of a session.
                client = session.connection.currentClient.flatMap { $0.state.isConnected ? $0 : nil }
            }
            _ = try await deliver(downTo: 0)
            return .endOfScript
        }
    }

    /// Of a line with a single command and nothing around it.
    private func words(of list: CommandList) -> [Word]? {
        guard list.items.count == 1, session.transaction == nil, !session.options.showsTiming else { return nil }
        let invocation = list.items[0].invocation
        guard invocation.systemCommand == nil, invocation.input == nil, invocation.output == nil else { return nil }
        return invocation.words
    }

    private func show(_ answer: Answer) -> Bool {
        var status = answer.status
        do throws(ShellError) {
            try session.output.writeKept(answer.output)
            if !answer.errors.isEmpty { try session.output.flush() }
        } catch {
            status = error.status
        }
        for line in answer.errors { session.diagnostics.writeLine(line) }
        session.lastStatus = status
        return status == .success || note(status)
    }
}

/// A command that is ready to run, with an output of its own.
///
/// `@unchecked Sendable`: it is handed to the one task that runs it, and nobody else has the command.
struct PipelinedRun: @unchecked Sendable {
    let command: any PipelinedCommand
    let context: ShellContext

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
        guard let command = try? prepare(words, in: context) as? any PipelinedCommand, command.isOneRequest else {
            return nil
        }
        return PipelinedRun(command: command, context: context)
    }
}
