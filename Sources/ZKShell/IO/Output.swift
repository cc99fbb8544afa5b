import Glibc
import Synchronization
internal import ZKText

/// Where the payload of a command goes.
///
/// Bytes are collected and written in large pieces; the interpreter flushes after each command, and a stream flushes
/// after each of its records. What goes to a terminal passes ``TerminalText``, so no data can control it.
public final class Output: Sendable {
    public enum Style: String, Sendable {
        case plain = ""
        case bold = "1"
        case dim = "2"
        case red = "31"
        case green = "32"
        case yellow = "33"
        case blue = "34"
        case cyan = "36"
    }

    private struct State {
        var buffer: [UInt8] = []
        var failure: ShellError?
        /// Nil: kept in memory.
        var descriptor: Int32?
        var usesColor: Bool
        /// Runs when more comes than a screen holds, and gives the descriptor of the pager. Nil: never.
        var startPager: (@Sendable () -> Int32?)?
        var linesLeft = 0
    }

    public let isTerminal: Bool
    private let state: Mutex<State>
    private static let bufferBytesMax = 1 << 16

    public init(descriptor: Int32, isTerminal: Bool, usesColor: Bool = false) {
        self.isTerminal = isTerminal
        state = Mutex(State(descriptor: descriptor, usesColor: usesColor))
    }

    /// Keeps what is written, in the form that it would have in `other`.
    init(inMemoryLike other: Output) {
        isTerminal = other.isTerminal
        state = Mutex(State(usesColor: other.usesColor))
    }

    private init() {
        isTerminal = false
        state = Mutex(State(usesColor: false))
    }

    /// Output to the terminal that goes to a pager when it is longer than `lines`. A flush before that means that
    /// somebody wants to see it now: then there will be no pager.
    init(descriptor: Int32, usesColor: Bool, lines: Int, startPager: @escaping @Sendable () -> Int32?) {
        isTerminal = true
        state = Mutex(State(descriptor: descriptor, usesColor: usesColor, startPager: startPager, linesLeft: lines))
    }

    public var usesColor: Bool {
        get { state.withLock { $0.usesColor } }
        set { state.withLock { $0.usesColor = newValue } }
    }

    /// Whether something could not be written, so that all that follows will be lost too.
    var hasFailed: Bool { state.withLock { $0.failure != nil } }

    /// What a child process gets as its stdout; nil for the shell's own.
    var inheritedDescriptor: Int32? {
        state.withLock { $0.descriptor == STDOUT_FILENO ? nil : $0.descriptor }
    }

    /// Keeps what is written, for ``takeBytes()``.
    public static func memory() -> Output { Output() }

    /// - Throws: ``ShellError`` 141 when nobody reads any more, 74 for other failures.
    public func write(_ bytes: some Sequence<UInt8>) throws(ShellError) {
        try append { buffer in
            if isTerminal {
                TerminalText.append(bytes, to: &buffer, keepsLines: true)
            } else {
                buffer.append(contentsOf: bytes)
            }
        }
    }

    public func write(_ text: String) throws(ShellError) {
        try write(text.utf8)
    }

    public func writeLine(_ text: String = "") throws(ShellError) {
        try write(text.utf8)
        try append { $0.append(.newline) }
    }

    /// Writes `text` in `style` when the output shows colours.
    public func write(_ text: String, style: Style) throws(ShellError) {
        guard usesColor, style != .plain else { return try write(text) }
        try append { $0.append(contentsOf: "\u{1b}[\(style.rawValue)m".utf8) }
        try write(text)
        try append { $0.append(contentsOf: "\u{1b}[0m".utf8) }
    }

    /// Begins again at the top of an empty screen.
    func clearScreen() throws(ShellError) {
        try append { $0.append(contentsOf: "\u{1b}[H\u{1b}[2J".utf8) }
    }

    private func append(_ body: (inout [UInt8]) -> Void) throws(ShellError) {
        let isFull = state.withLock { state in
            let start = state.buffer.count
            body(&state.buffer)
            if let startPager = state.startPager {
                state.linesLeft -= state.buffer[start...].lazy.filter { $0 == .newline }.count
                if state.linesLeft < 0 || state.buffer.count >= Self.bufferBytesMax {
                    state.startPager = nil
                    if let descriptor = startPager() { state.descriptor = descriptor }
                }
            }
            return state.buffer.count >= Self.bufferBytesMax && state.descriptor != nil
        }
        if isFull { try flush() }
    }

    /// Appends what another output of the same form has kept.
    func writeKept(_ bytes: [UInt8]) throws(ShellError) {
        try append { $0.append(contentsOf: bytes) }
    }

    /// Writes what was collected.
    public func flush() throws(ShellError) {
        try state.withLock { state throws(ShellError) in
            guard let descriptor = state.descriptor else { return }
            state.startPager = nil
            if let failure = state.failure { throw failure }
            guard !state.buffer.isEmpty else { return }
            do throws(ShellError) {
                try Self.writeAll(state.buffer, to: descriptor)
            } catch {
                state.failure = error
                state.buffer = []
                throw error
            }
            state.buffer.removeAll(keepingCapacity: true)
        }
    }

    /// What was written to memory since the last call.
    public func takeBytes() -> [UInt8] {
        state.withLock { state in
            defer { state.buffer = [] }
            return state.buffer
        }
    }

    /// Writes all of `bytes`; a signal ends the wait for a pipe that nobody reads.
    static func writeAll(_ bytes: [UInt8], to descriptor: Int32) throws(ShellError) {
        var information = stat()
        let type = fstat(descriptor, &information) == 0 ? information.st_mode & S_IFMT : S_IFREG
        let mayBlock = type != S_IFREG
        var offset = 0
        while offset < bytes.count {
            if mayBlock { try Readiness.wait(for: POLLOUT, on: descriptor) }
            let written = bytes.withUnsafeBytes { buffer in
                let start = buffer.baseAddress! + offset
                let count = buffer.count - offset
                if type == S_IFSOCK { return send(descriptor, start, count, Int32(MSG_DONTWAIT)) }
                return Glibc.write(descriptor, start, mayBlock ? min(count, readyBytes) : count)
            }
            if written >= 0 {
                offset += written
                continue
            }
            switch errno {
            case EINTR: continue
            case EAGAIN: try Readiness.wait(for: POLLOUT, on: descriptor)
            case EPIPE: throw .silent(.brokenPipe)
            default: throw ShellError(.localIO, "cannot write the output: \(systemErrorText(errno))")
            }
        }
    }

    /// What a pipe that can be written to takes without a wait.
    private static let readyBytes = Int(PIPE_BUF)
}

/// The system's text for `number`, such as "No space left on device".
func systemErrorText(_ number: Int32) -> String {
    strerror(number).map { String(cString: $0) } ?? "error \(number)"
}
