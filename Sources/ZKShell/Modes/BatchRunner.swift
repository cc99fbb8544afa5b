import ZKText

/// Runs the commands of scripts: `-c`, `-f`, and stdin that is no terminal.
///
/// Commands go on after a failure, as in zkCli; the status is that of the first failure. With `--exit-on-error` the
/// first failure ends the batch, but for one that an `&&` or `||` has looked at. So does a server that was never reached:
/// each command would wait for it anew. So do credentials that are refused, which end the session: what follows would run
/// in another one, without its ephemeral znodes, its watches and its identities.
public struct BatchRunner: Sendable {
    private let session: ShellSession
    private let interpreter: Interpreter

    public init(session: ShellSession) {
        self.session = session
        interpreter = Interpreter(session: session)
    }

    public func run(_ sources: [Launch.BatchSource]) async -> ExitCode {
        var status = ExitCode.success
        for source in sources {
            let (result, endsBatch) = await outcome(of: source)
            if status == .success || session.options.isCompatible { status = result }
            if session.quitStatus != nil || Task.isCancelled { break }
            if endsBatch || isHopeless(result) { break }
        }
        if let lost = session.dropTransaction(), status == .success { status = lost }
        return session.givenQuitStatus ?? status
    }

    /// Runs one source as a part of something else: its transaction may go on, and its status is not that of the shell.
    func run(_ source: Launch.BatchSource) async -> ExitCode {
        await outcome(of: source).status
    }

    /// - Returns: also whether nothing that stands behind the source may run.
    private func outcome(of source: Launch.BatchSource) async -> (status: ExitCode, endsBatch: Bool) {
        switch source {
        case .text(let bytes):
            let name = bytes.contains(.newline) ? "-c" : nil
            return await run(ScriptReader(bytes: bytes, dialect: session.options.dialect), name: name)
        case .file("-"):
            let input = session.input
            return await run(ScriptReader(dialect: session.options.dialect) { try await input.read() }, name: "stdin")
        case .file(let name):
            do throws(ShellError) {
                let file = try LocalFile.Reader(name)
                return await run(ScriptReader(dialect: session.options.dialect) { try file.read() }, name: name.text)
            } catch {
                ShellContext(session: session, commandName: "").report(error)
                return (error.status, session.options.exitsOnError)
            }
        }
    }

    private func isHopeless(_ status: ExitCode) -> Bool {
        guard !session.options.isCompatible else { return false }
        return status == .connection && session.connection.isUnreached
            || status == .noAuth && session.connection.isRefused
    }

    private func run(_ reader: ScriptReader, name: String?) async -> (status: ExitCode, endsBatch: Bool) {
        var endsBatch = false
        var first = ExitCode.success
        var last = ExitCode.success
        var pipeline = Pipeline(session: session, interpreter: interpreter) { status, isTested in
            last = status
            guard status != .success else { return true }
            if first == .success { first = status }
            if isHopeless(status) {
                // A command line of its own has said all there is to say.
                if let name {
                    ShellContext(session: session, commandName: name)
                        .report(
                            ShellError(
                                status,
                                status == .noAuth
                                    ? "ended here, since the server has ended the session"
                                    : "ended here, since no server was reached"))
                }
                return false
            }
            // Nobody reads the output any more, or it cannot be written: there is no point in going on.
            if session.options.exitsOnError && !isTested || session.output.hasFailed { endsBatch = true }
            return !endsBatch
        }
        do {
            try await pipeline.run(reader, name: name)
        } catch {
            let error = ShellError(error)
            ShellContext(session: session, commandName: "").report(error)
            if first == .success { first = error.status }
            endsBatch = endsBatch || session.options.exitsOnError
        }
        if Task.isCancelled && first == .success { return (.interrupted, true) }
        // zkCli ends with the status of its last command.
        return (session.options.isCompatible && session.quitStatus == nil ? last : first, endsBatch)
    }
}
