internal import ShellLanguage
internal import ZKCore

/// Commands that run commands: `time`, `repeat`, `find --exec`.
extension ShellContext {
    /// Runs `words` as a command of the shell, whose output goes where this command's goes.
    func run(_ words: [Word]) async -> ExitCode {
        await Interpreter(session: session).run(
            words: words, output: output, input: hasOwnInput ? input : nil, location: location)
    }

    /// Whether `text`, as a line typed in the shell, has a command that changes znodes.
    func writes(line text: String) -> Bool {
        guard case .list(let list, _) = try? CommandListParser.parse(Array(text.utf8)) else { return false }
        return list.items.contains { item in
            let words = session.withAliasesExpanded(item.invocation.words)
            return words.first.flatMap { CommandRegistry[$0.text] }?.command.declaration.writes == true
        }
    }
}
