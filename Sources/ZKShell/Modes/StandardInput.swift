import Glibc
import Synchronization
internal import ZKText

/// The process's stdin. The main thread waits for it, so that no task blocks and Ctrl-C ends the wait.
final class StandardInput: InputSource {
    private struct Request {
        var continuation: CheckedContinuation<[UInt8], any Error>
        /// Shown before the wait; nil to read whatever comes.
        var prompt: (text: String, echo: Bool)?
    }

    private let mailbox: Mailbox
    private let pending = Mutex<Request?>(nil)
    let isTerminal = isatty(STDIN_FILENO) == 1

    init(mailbox: Mailbox) {
        self.mailbox = mailbox
    }

    func read() async throws -> [UInt8] {
        try await request(prompt: nil)
    }

    func ask(_ prompt: String, echo: Bool) async throws -> String? {
        let bytes = try await request(prompt: (prompt, echo))
        guard !bytes.isEmpty else { return nil }
        return String(decoding: bytes.last == .newline ? bytes.dropLast() : bytes[...], as: UTF8.self)
    }

    private func request(prompt: (text: String, echo: Bool)?) async throws -> [UInt8] {
        try Task.checkCancellation()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                pending.withLock { pending in
                    precondition(pending == nil, "two commands read stdin at once")
                    pending = Request(continuation: continuation, prompt: prompt)
                }
                mailbox.post(.wantsInput)
                // The cancellation may have come before there was anything to cancel.
                if Task.isCancelled { cancel() }
            }
        } onCancel: {
            cancel()
        }
    }

    private func cancel() {
        take()?.continuation.resume(throwing: CancellationError())
    }

    private func take() -> Request? {
        pending.withLock { pending in
            defer { pending = nil }
            return pending
        }
    }

    // MARK: Main thread

    /// Whether the main thread should poll stdin.
    var isWaiting: Bool { pending.withLock { $0 != nil } }

    /// Shows the prompt of the request that has come, and hides what will be typed if it asks for a secret.
    func begin() {
        guard let prompt = pending.withLock({ $0?.prompt }) else { return }
        try? Output.writeAll(Array(TerminalText.escaped(prompt.text).utf8), to: STDERR_FILENO)
        if !prompt.echo { setEcho(false) }
    }

    /// Reads what has come: from a terminal a line.
    func readAvailable() {
        guard let request = take() else { return }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        var count: Int
        repeat { count = Glibc.read(STDIN_FILENO, &bytes, bytes.count) } while count < 0 && errno == EINTR
        if request.prompt?.echo == false {
            setEcho(true)
            try? Output.writeAll([.newline], to: STDERR_FILENO)
        }
        if count < 0 {
            let error = ShellError(.localIO, "cannot read stdin: \(systemErrorText(errno))")
            request.continuation.resume(throwing: error)
        } else {
            request.continuation.resume(returning: Array(bytes[..<count]))
        }
    }

    private func setEcho(_ isOn: Bool) {
        var attributes = termios()
        guard tcgetattr(STDIN_FILENO, &attributes) == 0 else { return }
        if isOn { attributes.c_lflag |= tcflag_t(ECHO) } else { attributes.c_lflag &= ~tcflag_t(ECHO) }
        tcsetattr(STDIN_FILENO, TCSANOW, &attributes)
    }
}
