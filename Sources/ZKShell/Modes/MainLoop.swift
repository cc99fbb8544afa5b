import Glibc
import ZKText

/// The main thread: waits in `poll` for signals, stdin and messages, while tasks do the work.
///
/// Only the main thread uses it.
public final class MainLoop {
    let mailbox = Mailbox()
    let standardInput: StandardInput
    /// The signal that ended the work, if one did.
    public internal(set) var endingSignal: Int32?
    /// Stops the process, for Ctrl-Z, and returns when it goes on.
    var suspend: () -> Void = { Signals.stopProcess() }

    public init() {
        Signals.install([SIGINT, SIGTERM, SIGHUP])
        standardInput = StandardInput(mailbox: mailbox)
    }

    public var input: any InputSource { standardInput }

    /// What Ctrl-C means beyond that it cancels the task.
    enum InterruptPolicy {
        /// The process ends with the task.
        case endsProcess
        /// The shell goes on at its prompt.
        case endsCommand
    }

    /// Runs `body` in a task and returns its status. SIGINT, SIGTERM and SIGHUP cancel the task; a second one ends the
    /// process at once.
    public func run(_ body: @escaping @Sendable () async -> ExitCode) -> ExitCode {
        run(.endsProcess, body)
    }

    func run(_ policy: InterruptPolicy, _ body: @escaping @Sendable () async -> ExitCode) -> ExitCode {
        var wasInterrupted = false
        let result = ResultBox()
        let mailbox = mailbox
        let task = Task {
            result.status = await body()
            mailbox.post(.finished)
        }
        while true {
            let ready = wait()
            if ready.signals {
                for signal in Signals.takeAll() where !isHandled(signal, by: policy) {
                    if endingSignal != nil { _exit(128 + signal) }
                    if signal != SIGINT || policy == .endsProcess {
                        endingSignal = signal
                        Signals.noteEnd()
                    }
                    wasInterrupted = true
                    task.cancel()
                }
            }
            if ready.messages {
                for message in mailbox.takeAll() {
                    switch message {
                    case .finished:
                        if let endingSignal { return .signal(endingSignal) }
                        return wasInterrupted && result.status != .success ? .interrupted : result.status
                    case .wantsInput: standardInput.begin()
                    case .notice(let line): Self.show(line)
                    case .stateChanged: break
                    }
                }
            }
            if ready.input { standardInput.readAvailable() }
        }
    }

    /// Whether `signal` leaves the command alone.
    private func isHandled(_ signal: Int32, by policy: InterruptPolicy) -> Bool {
        switch signal {
        case SIGWINCH: return true
        case SIGTSTP:
            suspend()
            return true
        case SIGQUIT: Signals.endProcess(by: SIGQUIT)
        default: return false
        }
    }

    static func show(_ line: String) {
        try? Output.writeAll(Array(line.utf8) + [.newline], to: STDERR_FILENO)
    }

    /// - Parameters:
    ///   - wantsInput: stdin is waited for even when no command has asked for it.
    ///   - limit: the longest wait; nil to wait for as long as it takes.
    func wait(
        wantsInput: Bool = false, limit: Duration? = nil
    ) -> (messages: Bool, signals: Bool, input: Bool) {
        var descriptors = [
            pollfd(fd: mailbox.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: Signals.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        if wantsInput || standardInput.isWaiting {
            descriptors.append(pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0))
        }
        let millis = limit.map { Int32(clamping: Int(($0 / .milliseconds(1)).rounded(.up))) } ?? -1
        while poll(&descriptors, nfds_t(descriptors.count), millis) < 0 {
            guard errno == EINTR else { break }
        }
        return (
            descriptors[0].revents != 0, descriptors[1].revents != 0,
            descriptors.count > 2 && descriptors[2].revents != 0
        )
    }

    /// Written by the task before it posts `finished`, read by the main thread after.
    private final class ResultBox: @unchecked Sendable {
        var status = ExitCode.success
    }
}
