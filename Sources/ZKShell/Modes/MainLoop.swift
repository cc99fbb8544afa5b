import Glibc

/// The main thread: waits in `poll` for signals, stdin and messages, while tasks do the work.
///
/// Only the main thread uses it.
public final class MainLoop {
    private let mailbox = Mailbox()
    private let standardInput: StandardInput
    /// The signal that ended the work, if one did.
    public private(set) var endingSignal: Int32?

    public init() {
        Signals.install([SIGINT, SIGTERM, SIGHUP])
        standardInput = StandardInput(mailbox: mailbox)
    }

    public var input: any InputSource { standardInput }

    /// Runs `body` in a task and returns its status. SIGINT, SIGTERM and SIGHUP cancel the task; a second one ends the
    /// process at once.
    public func run(_ body: @escaping @Sendable () async -> ExitCode) -> ExitCode {
        let result = ResultBox()
        let mailbox = mailbox
        let task = Task {
            result.status = await body()
            mailbox.post(.finished)
        }
        while true {
            let ready = wait()
            if ready.signals {
                for signal in Signals.takeAll() {
                    if endingSignal != nil { _exit(128 + signal) }
                    endingSignal = signal
                    task.cancel()
                }
            }
            if ready.messages {
                for message in mailbox.takeAll() {
                    switch message {
                    case .finished: return endingSignal.map(ExitCode.signal) ?? result.status
                    case .wantsInput: standardInput.begin()
                    case .notice(let line): try? Output.writeAll(Array(line.utf8) + [.newline], to: STDERR_FILENO)
                    }
                }
            }
            if ready.input { standardInput.readAvailable() }
        }
    }

    private func wait() -> (messages: Bool, signals: Bool, input: Bool) {
        var descriptors = [
            pollfd(fd: mailbox.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: Signals.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        if standardInput.isWaiting {
            descriptors.append(pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0))
        }
        while poll(&descriptors, nfds_t(descriptors.count), -1) < 0 {
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
