internal import ShellLanguage
internal import ZKText

/// What was typed: in the editor, in the session, and in a file if there is one.
final class KeptHistory {
    private let session: ShellSession
    private let environment: (String) -> String?
    private var file: HistoryFile?

    init(session: ShellSession, environment: @escaping (String) -> String?) {
        self.session = session
        self.environment = environment
    }

    /// What earlier shells have left.
    func load(into editor: ReadlineEditor) {
        guard session.options.usesHistory, let path = HistoryFile.path(environment: environment) else { return }
        let file = HistoryFile(path: path)
        do throws(ShellError) {
            try file.prepare()
            editor.loadHistory(file: path, entriesMax: HistoryPolicy.entriesMax)
            session.history.replaceAll(with: editor.history)
            self.file = file
        } catch {
            warn(error)
        }
    }

    /// `!!`, `!word` and the like. Nil when the line names an earlier one that does not exist.
    func expanding(_ line: [UInt8]) -> [UInt8]? {
        guard session.options.expandsHistory else { return line }
        do throws(UsageError) {
            let expanded = try HistoryExpansion(entries: session.history.all).expanding(line)
            if expanded != line { MainLoop.show(TerminalText.escaped(String(decoding: expanded, as: UTF8.self))) }
            return expanded
        } catch {
            ShellContext(session: session, commandName: "").report(ShellError(error))
            session.lastStatus = .usage
            return nil
        }
    }

    func remember(_ line: [UInt8], _ editor: ReadlineEditor) {
        guard let text = String(validating: line, as: UTF8.self) else { return }
        let trimmed = String(text.drop { $0.isNewline })
        let aliases = session.aliases
        guard
            HistoryPolicy.keeps(
                trimmed, previous: session.history.last, aliases: { aliases[$0]?.words.first?.text })
        else { return }
        editor.addHistory(trimmed)
        session.history.append(trimmed)
        do throws(ShellError) {
            try file?.append(trimmed)
        } catch {
            warn(error)
            file = nil
        }
    }

    func forget(_ editor: ReadlineEditor) {
        editor.clearHistory()
        do throws(ShellError) {
            try file?.clear()
        } catch {
            warn(error)
        }
    }

    /// Drops the oldest entries of a file that has grown too long.
    func truncate(_ editor: ReadlineEditor) {
        if let file { editor.truncateHistory(file, entriesMax: HistoryPolicy.entriesMax) }
    }

    private func warn(_ error: ShellError) {
        session.diagnostics.writeLine("zoosh: warning: \(error.message)")
    }
}
