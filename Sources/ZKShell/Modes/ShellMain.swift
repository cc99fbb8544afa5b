import Glibc

/// Runs the shell in the mode that the command line asks for.
public struct ShellMain {
    private let loop: MainLoop
    private let session: ShellSession

    /// - Throws: ``ShellError`` 2 when the options name no server.
    public init(options: ShellOptions) throws(ShellError) {
        loop = MainLoop()
        let isTerminal = isatty(STDOUT_FILENO) == 1
        session = ShellSession(
            options: options, connection: try ShellConnection(options: options),
            output: Output(descriptor: STDOUT_FILENO, isTerminal: isTerminal), input: loop.input,
            diagnostics: Diagnostics(descriptor: STDERR_FILENO))
    }

    /// Runs one command and ends the session.
    public func runOneShot(_ words: [Word]) -> ExitCode {
        let session = session
        return loop.run {
            let status = await Interpreter(session: session).run(words: words)
            await session.connection.close()
            return status
        }
    }
}
