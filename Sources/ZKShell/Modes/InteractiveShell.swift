internal import Glibc
internal import ShellLanguage
internal import ZKClient
internal import ZKCore
internal import ZKText

/// The prompt: reads a line, runs it, and shows what happens meanwhile above the line that is being edited.
///
/// All of it is on the main thread, which waits in ``MainLoop``; commands run as tasks.
final class InteractiveShell {
    private let loop: MainLoop
    private let session: ShellSession
    private let interpreter: Interpreter
    private let environment: (String) -> String?
    private let names: ZnodeNames
    private let history: KeptHistory
    private var commandNumber = 0
    /// The lines of a command that is not whole yet.
    private var unfinished: [UInt8] = []
    private var notices = NoticeQueue()
    private let mailbox: Mailbox
    private let observer: SessionObserver

    init(loop: MainLoop, session: ShellSession, environment: @escaping (String) -> String?) {
        self.loop = loop
        self.session = session
        self.environment = environment
        interpreter = Interpreter(session: session)
        history = KeptHistory(session: session, environment: environment)
        mailbox = loop.mailbox
        observer = SessionObserver(session: session, mailbox: mailbox)
        let connection = session.connection
        names = ZnodeNames {
            if let offline = session.offline {
                return (try? offline.replica()).map { OfflineReader(replica: $0) }
            }
            return connection.currentClient.flatMap { $0.state.isConnected ? $0 : nil }
        }
    }

    func run() -> ExitCode {
        Signals.install([SIGWINCH, SIGTSTP, SIGQUIT])
        TextEncoding.prefersUTF8()
        let editor = makeEditor()
        history.load(into: editor)
        observer.begin()
        loop.suspend = { [observer] in observer.whileStopped { Signals.stopProcess() } }
        connect()
        runStartupScript()
        while session.quitStatus == nil, loop.endingSignal == nil {
            guard let line = readLine(editor) else { break }
            handle(line, editor)
        }
        let session = session
        _ = session.dropTransaction()
        let status = loop.endingSignal.map(ExitCode.signal) ?? session.quitStatus ?? .success
        _ = loop.run(.endsCommand) {
            await session.end()
            return .success
        }
        history.truncate(editor)
        return status
    }

    private func makeEditor() -> ReadlineEditor {
        let session = session
        let names = names
        let completer = Completer(
            children: { names.children(of: $0) }, hasChildren: { names.hasChildren($0) },
            localFiles: LocalDirectory.entries(of:), hosts: { KnownHosts.all(in: session) },
            workingPath: { session.workingPath },
            commandNames: { CommandRegistry.names + session.aliases.keys },
            schema: { name in
                let command = session.aliases[name]?.words.first?.text ?? name
                return CommandRegistry[command].map { CommandSchema.of($0.command) }
            })
        let output = isatty(STDOUT_FILENO) == 1 ? STDOUT_FILENO : STDERR_FILENO
        return ReadlineEditor(
            outputDescriptor: output,
            complete: { [weak self] line, point in
                completer.complete(line: line, point: point, after: self?.unfinished ?? [])
            },
            help: { line in
                guard let name = CompletionContext(line: line).words.first ?? Self.firstWord(of: line),
                    let command = CommandRegistry[name]?.command
                else { return "help CMD describes a command; help lists them" }
                return "\(command.declaration.name): \(command.declaration.abstract)"
            },
            workingPath: {
                let path = session.workingPath.string
                guard TerminalText.isHarmless(path) else { return "" }
                return String(decoding: WordQuoting.quoted(Array(path.utf8), quote: nil), as: UTF8.self)
            })
    }

    private static func firstWord(of line: [UInt8]) -> String? {
        let word = CompletionContext(line: line).word
        return word.isEmpty ? nil : String(decoding: word, as: UTF8.self)
    }

    // MARK: Reading

    /// A line that was typed; nil when there will be none.
    private func readLine(_ editor: ReadlineEditor) -> [UInt8]? {
        let mailbox = mailbox
        session.diagnostics.redirect { mailbox.post(.notice($0)) }
        editor.begin(prompt: prompt())
        defer {
            editor.end()
            session.diagnostics.redirect(to: nil)
            // Whoever is writing has used what was there before.
            session.watchNotices.drain()
            for case .notice(let line) in mailbox.takeAll() { notices.add(line) }
            for line in notices.takeAll() { MainLoop.show(line) }
        }
        while loop.endingSignal == nil {
            let ready = loop.wait(wantsInput: true, limit: notices.delay(at: .now))
            if ready.messages { take(mailbox.takeAll(), editor) }
            let due = notices.takeDue(at: .now)
            if !due.isEmpty { editor.printAbove(due) }
            if ready.signals { handleSignals(editor) }
            guard ready.input, loop.endingSignal == nil else { continue }
            switch editor.takeInput() {
            case .line(let line): return line
            case .endOfInput: return nil
            case nil: continue
            }
        }
        return nil
    }

    private func take(_ messages: [Mailbox.Message], _ editor: ReadlineEditor) {
        var isStateNew = false
        for message in messages {
            switch message {
            case .notice(let line): notices.add(line)
            case .stateChanged: isStateNew = true
            case .finished, .wantsInput: break
            }
        }
        if isStateNew { editor.change(prompt: prompt()) }
    }

    private func handleSignals(_ editor: ReadlineEditor) {
        for signal in Signals.takeAll() {
            switch signal {
            case SIGINT:
                unfinished = []
                editor.interrupt()
                editor.change(prompt: prompt())
            case SIGWINCH:
                editor.resize()
            case SIGTSTP:
                editor.suspend()
                observer.whileStopped { Signals.stopProcess() }
                editor.resume()
            case SIGQUIT:
                editor.end()
                Signals.endProcess(by: SIGQUIT)
            default:
                loop.endingSignal = signal
            }
        }
    }

    // MARK: Running

    private func handle(_ line: [UInt8], _ editor: ReadlineEditor) {
        // Pasted lines end in carriage returns on some terminals.
        guard let typed = history.expanding(Self.withNewlines(line)) else { return }
        let whole = unfinished.isEmpty ? typed : unfinished + [.newline] + typed
        unfinished = []
        // The return that ended the line belongs to it: a here-document ends with one.
        switch Self.parse(whole + [.newline], dialect: session.options.dialect) {
        case .incomplete:
            unfinished = whole
            return
        case .mistake(let mistake):
            history.remember(whole, editor)
            ShellContext(session: session, commandName: "").report(ShellError(mistake))
            session.lastStatus = .usage
        case .lists(let lists):
            history.remember(whole, editor)
            guard !lists.isEmpty, confirmsPaste(lists) else { return }
            commandNumber += 1
            names.forget()
            execute(lists)
            if session.history.takeClearing() { history.forget(editor) }
        }
    }

    private enum Parsed {
        case lists([CommandList])
        case incomplete
        case mistake(SyntaxError)
    }

    /// All the lines of `bytes`.
    private static func parse(_ bytes: [UInt8], dialect: CommandListParser.Dialect) -> Parsed {
        var lists: [CommandList] = []
        var offset = 0
        while offset < bytes.count {
            do throws(SyntaxError) {
                switch try CommandListParser.parse(bytes, from: offset, isFinal: false, dialect: dialect) {
                case .incomplete: return .incomplete
                case .list(let list, let end):
                    if !list.items.isEmpty { lists.append(list) }
                    guard end > offset else { return .lists(lists) }
                    offset = end
                }
            } catch {
                return .mistake(error)
            }
        }
        return .lists(lists)
    }

    private func execute(_ lists: [CommandList]) {
        let interpreter = interpreter
        let session = session
        for list in lists where session.quitStatus == nil && loop.endingSignal == nil {
            let status = loop.run(.endsCommand) { await interpreter.run(list) ?? .success }
            if status == .interrupted {
                // The terminal has echoed ^C where the cursor stood.
                MainLoop.show("")
                session.lastStatus = .interrupted
                return
            }
        }
    }

    /// Asks before several pasted commands change something.
    private func confirmsPaste(_ lists: [CommandList]) -> Bool {
        guard lists.count > 1, !session.options.assumesYes else { return true }
        let writing = lists.flatMap(\.items).compactMap { item -> String? in
            guard let name = item.invocation.words.first?.text, let entry = CommandRegistry[name] else { return nil }
            let words = item.invocation.words.map { word in
                guard word.bytes.isEmpty || word.text.contains(where: \.isWhitespace) else { return word.text }
                return String(decoding: WordQuoting.quoted(word.bytes, quote: UInt8(ascii: "\"")), as: UTF8.self) + "\""
            }
            return entry.command.declaration.writes ? words.joined(separator: " ") : nil
        }
        guard writing.count > 1 else { return true }
        let session = session
        let status = loop.run(.endsCommand) {
            let shell = ShellContext(session: session, commandName: "")
            for line in writing.prefix(10) { shell.note("  \(line)") }
            if writing.count > 10 { shell.note("  … \(writing.count - 10) more") }
            let answer = try? await shell.confirm("Run these \(writing.count) pasted commands that change znodes?")
            return answer == true ? .success : .failure
        }
        if status == .interrupted {
            MainLoop.show("")
            session.lastStatus = .interrupted
        }
        return status == .success
    }

    private static func withNewlines(_ line: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(line.count)
        for byte in line {
            if byte == .newline, result.last == UInt8(ascii: "\r") { result.removeLast() }
            result.append(byte == UInt8(ascii: "\r") ? .newline : byte)
        }
        return result
    }

    // MARK: Session

    /// Connects in the background, but gives a server that is there the time to answer before the first prompt.
    private func connect() {
        guard session.offline == nil else { return }
        let session = session
        let connection = session.connection
        _ = loop.run(.endsCommand) {
            do throws(ShellError) {
                try connection.start()
            } catch {
                return .usage
            }
            try? await connection.currentClient?.waitUntilConnected(timeout: .milliseconds(500))
            if let client = connection.currentClient, client.state == .connecting, !session.options.isQuiet {
                let failures = client.hostFailures.compactMap { host, failure in
                    failure.map { "\(host.shellText): \($0)" }
                }
                if !failures.isEmpty {
                    session.diagnostics.writeLine("no connection yet (\(failures.joined(separator: "; "))); trying on")
                }
            }
            return .success
        }
    }

    private func runStartupScript() {
        guard session.options.readsStartupScript,
            let path = ConfigFile.directory(environment: environment).map({ "\($0)/rc" }), access(path, R_OK) == 0
        else { return }
        let session = session
        _ = loop.run(.endsCommand) { await BatchRunner(session: session).run(.file(FileName(path))) }
    }

    private func prompt() -> String {
        if !unfinished.isEmpty { return PromptFormat.continuation }
        return ShellPrompt(session: session, commandNumber: commandNumber).text
    }
}
