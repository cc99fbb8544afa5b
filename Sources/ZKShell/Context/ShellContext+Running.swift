internal import ShellLanguage
internal import ZKCore

/// Commands that run commands: `time`, `repeat`, `find --exec`.
extension ShellContext {
    /// Runs `words` as a command of the shell, whose output goes where this command's goes.
    func run(_ words: [Word]) async -> ExitCode {
        await Interpreter(session: session).run(
            words: words, output: output, input: hasOwnInput ? input : nil, location: location)
    }
}
