import Glibc
internal import ShellLanguage
internal import ZKSystem

/// Commands of the operating system that the shell runs: behind `|`, after `!`, the pager, the editor.
public struct SystemCommand: Sendable {
    let processID: pid_t

    /// Starts `/bin/sh -c text`.
    ///
    /// - Parameters:
    ///   - input: becomes its stdin; nil: the shell's own.
    ///   - output: becomes its stdout; nil: the shell's own.
    /// - Throws: ``ShellError`` 126 when it cannot be started.
    static func shell(
        _ text: Word, input: Int32? = nil, output: Int32? = nil, environment: [(name: String, value: String)] = []
    ) throws(ShellError) -> SystemCommand {
        try start(words: ["/bin/sh", "-c", text], input: input, output: output, environment: environment)
    }

    /// Starts a command found by `PATH`, with variables added to its environment.
    ///
    /// - Parameters:
    ///   - terminal: becomes the command's own: Ctrl-C goes to it and not to the shell.
    ///   - leadsGroup: it gets a process group of its own; with a terminal it does in any case.
    /// - Throws: ``ShellError`` 127 when there is none, 126 when it cannot be started.
    static func start(
        words: [Word], input: Int32? = nil, output: Int32? = nil,
        environment: [(name: String, value: String)] = [], terminal: Int32? = nil, leadsGroup: Bool = false
    ) throws(ShellError) -> SystemCommand {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let input { posix_spawn_file_actions_adddup2(&actions, input, 0) }
        if let output { posix_spawn_file_actions_adddup2(&actions, output, 1) }
        PassedDescriptors.closeOthers(&actions)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // The shell ignores SIGPIPE and handles others; its children start with the defaults.
        var defaults = sigset_t()
        sigemptyset(&defaults)
        for signal in [SIGPIPE, SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGTSTP] { sigaddset(&defaults, signal) }
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        var unblocked = sigset_t()
        sigemptyset(&unblocked)
        posix_spawnattr_setsigmask(&attributes, &unblocked)
        var flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
        if terminal != nil || leadsGroup {
            flags |= POSIX_SPAWN_SETPGROUP
            posix_spawnattr_setpgroup(&attributes, 0)
        }
        posix_spawnattr_setflags(&attributes, Int16(flags))

        var processID = pid_t()
        let argv = words.map { copy($0.bytes) } + [nil]
        let variables = inheritedEnvironment(overriding: environment).map(copy) + [nil]
        defer {
            for pointer in argv + variables { free(pointer) }
        }
        let result = posix_spawnp(&processID, argv[0]!, &actions, &attributes, argv, variables)
        switch result {
        case 0:
            // Should the command read before this is done, it stops, and ``waitBlocking(resumes:)`` lets it go on.
            if let terminal { tcsetpgrp(terminal, processID) }
            return SystemCommand(processID: processID)
        case ENOENT: throw ShellError(.notFound, "\(words[0].text): command not found")
        default: throw ShellError(.notExecutable, "cannot run \(words[0].text): \(systemErrorText(result))")
        }
    }

    /// Whether `PATH` leads to a command of this name.
    static func isInstalled(_ name: String) -> Bool {
        guard let path = getenv("PATH") else { return false }
        return String(cString: path).split(separator: ":").contains { access("\($0)/\(name)", X_OK) == 0 }
    }

    /// Likewise, for words that are text.
    public static func start(
        _ arguments: [String], input: Int32? = nil, output: Int32? = nil,
        environment: [(name: String, value: String)] = [], terminal: Int32? = nil, leadsGroup: Bool = false
    ) throws(ShellError) -> SystemCommand {
        try start(
            words: arguments.map { Word($0) }, input: input, output: output, environment: environment,
            terminal: terminal, leadsGroup: leadsGroup)
    }

    /// `bytes`, with a NUL at their end, for a call of the system's.
    private static func copy(_ bytes: [UInt8]) -> UnsafeMutablePointer<CChar>? {
        bytes.withUnsafeBytes { strndup($0.bindMemory(to: CChar.self).baseAddress ?? emptyText, $0.count) }
    }

    // Never changed.
    nonisolated(unsafe) private static let emptyText = UnsafePointer(strdup("")!)

    /// Values may be anything but NUL, and go on as they are.
    private static func inheritedEnvironment(overriding added: [(name: String, value: String)]) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        var entry = environ
        while let pointer = entry.pointee {
            let line = UnsafeBufferPointer(start: pointer, count: strlen(pointer)).map { UInt8(bitPattern: $0) }
            if !added.contains(where: { line.starts(with: Array("\($0.name)=".utf8)) }) { lines.append(line) }
            entry += 1
        }
        return lines + added.map { Array("\($0.name)=\($0.value)".utf8) }
    }

    /// Waits for the end; when the waiting task is cancelled, the command gets a SIGINT.
    public func wait() async -> ExitCode {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                // A thread of its own: waiting may take for ever and must not hold one of the pool.
                DetachedThread.run { continuation.resume(returning: waitBlocking()) }
            }
        } onCancel: {
            kill(processID, SIGINT)
        }
    }

    /// Runs an editor or the like, which has the terminal until it ends.
    ///
    /// - Throws: ``ShellError`` when it cannot be started.
    static func runInForeground(_ arguments: [String]) async throws(ShellError) -> ExitCode {
        guard hasTerminal else { return await (try start(arguments)).wait() }
        let result = await withCheckedContinuation { continuation in
            DetachedThread.run {
                do throws(ShellError) {
                    continuation.resume(returning: Result<ExitCode, ShellError>.success(try runBlocking(arguments)))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        return try result.get()
    }

    private static var hasTerminal: Bool { isatty(STDIN_FILENO) == 1 && tcgetpgrp(STDIN_FILENO) == getpgrp() }

    /// Likewise, on the calling thread.
    static func runBlocking(_ arguments: [String]) throws(ShellError) -> ExitCode {
        guard hasTerminal else { return try start(arguments).waitBlocking() }
        var saved = termios()
        tcgetattr(STDIN_FILENO, &saved)
        let command = try start(arguments, terminal: STDIN_FILENO)
        let status = command.waitBlocking(resumes: true)
        // Taking the terminal back from the background would stop the process.
        let previous = signal(SIGTTOU, SIG_IGN)
        tcsetpgrp(STDIN_FILENO, getpgrp())
        tcsetattr(STDIN_FILENO, TCSADRAIN, &saved)
        _ = signal(SIGTTOU, previous)
        return status
    }

    /// Waits on the calling thread.
    ///
    /// - Parameter resumes: a command that stops itself (Ctrl-Z) goes on, since the shell has no jobs.
    public func waitBlocking(resumes: Bool = false) -> ExitCode {
        waitForEnd(tellsStops: resumes) { _ in kill(processID, SIGCONT) }
    }

    /// Likewise; calls `onStop` with the signal whenever the command was stopped.
    func waitForEnd(tellsStops: Bool, onStop: (Int32) -> Void) -> ExitCode {
        while true {
            var status: Int32 = 0
            guard waitpid(processID, &status, tellsStops ? WUNTRACED : 0) >= 0 else {
                // A handler has run on this thread: nothing is known of the command.
                if errno == EINTR { continue }
                return .failure
            }
            if status & 0xFF == 0x7F {
                onStop(status >> 8 & 0xFF)
            } else {
                let signal = status & 0x7F
                return signal == 0 ? ExitCode(rawValue: status >> 8 & 0xFF) : .signal(signal)
            }
        }
    }
}
