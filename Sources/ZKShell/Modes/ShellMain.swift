import Glibc
public import ShellLanguage

/// Runs the shell in the mode that the command line asks for.
public struct ShellMain {
    fileprivate let loop: MainLoop
    fileprivate let session: ShellSession

    /// - Throws: ``ShellError`` 2 when the options name no server.
    public init(options: ShellOptions, isInteractive: Bool = false) throws(ShellError) {
        loop = MainLoop()
        let isTerminal = isatty(STDOUT_FILENO) == 1
        session = ShellSession(
            options: options, connection: try ShellConnection(options: options),
            output: Output(
                descriptor: STDOUT_FILENO, isTerminal: isTerminal, usesColor: options.usesColor(isTerminal: isTerminal)),
            input: loop.input,
            diagnostics: Diagnostics(descriptor: STDERR_FILENO), isInteractive: isInteractive)
    }

    /// Runs one command and ends the session.
    public func runOneShot(_ words: [Word]) -> ExitCode {
        let session = session
        session.isOneShot = true
        follow(session)
        return loop.run {
            let status = await Interpreter(session: session).run(words: words)
            await session.end()
            return session.givenQuitStatus ?? status
        }
    }

    /// Runs scripts and ends the session.
    public func runBatch(_ sources: [Launch.BatchSource]) -> ExitCode {
        let session = session
        follow(session)
        return loop.run {
            let status = await BatchRunner(session: session).run(sources)
            await session.end()
            return status
        }
    }

    /// Says what happens to the session where no prompt does.
    private func follow(_ session: ShellSession) {
        SessionObserver(session: session, mailbox: nil).begin()
        session.beginCompatibly()
        session.tellOfConnection()
    }
}

extension ShellMain {
    /// Reads commands at a prompt until `quit` or Ctrl-D.
    public func runInteractive(environment: @escaping (String) -> String?) -> ExitCode {
        session.beginCompatibly()
        return InteractiveShell(loop: loop, session: session, environment: environment).run()
    }

    /// Answers the completion scripts: `__complete znode PREFIX`. Whatever goes wrong, there are no candidates.
    public func runCandidates(_ words: [Word]) -> ExitCode {
        guard words.count == 2, words[0].text == "znode" else { return .usage }
        let session = session
        return loop.run {
            let paths = await ZnodeCandidates.matching(words[1].text, in: session)
            try? session.output.write(paths.map { $0 + "\n" }.joined())
            try? session.output.flush()
            await session.end()
            return .success
        }
    }

    /// Prints a text that needs no session.
    public static func print(_ text: String) throws(ShellError) -> ExitCode {
        Signals.install([])
        let output = Output(descriptor: STDOUT_FILENO, isTerminal: isatty(STDOUT_FILENO) == 1)
        try output.write(text)
        try output.flush()
        return .success
    }
}
