internal import Logging
import Synchronization

/// Hands messages to the logger of the configuration on a thread of its own.
///
/// Whoever has something to say may hold the lock of the server, and a pipe that nobody reads takes nothing more: so
/// saying it costs a place in a queue. When that is full the message is dropped and counted, and the count is told with
/// the next one that gets through.
final class LogQueue: @unchecked Sendable {
    private struct State {
        var messages: [LogEvent] = []
        var bytes = 0
        var dropped = 0
        var isWriting = false
        /// Made for the first message: a server with nothing to say has none.
        var thread: SystemThread?
        var isStopping = false
    }

    private static let messagesMax = 1000
    private static let bytesMax = 1 << 20
    /// How long the last messages may take to be written at the end.
    private static let lastWordsMillis = 1000

    private let target: Logger
    private let state = Mutex(State())
    private let work = WorkSignal()
    private let idle = WorkSignal()

    init(_ target: Logger) {
        self.target = target
    }

    /// A logger of the level and the metadata of the one behind it, which never waits.
    var logger: Logger {
        var logger = Logger(label: target.label) { _ in QueueingLogHandler(queue: self) }
        logger.logLevel = target.logLevel
        return logger
    }

    func append(_ event: LogEvent) {
        let bytes = event.message.description.utf8.count
        let isTaken = state.withLock { state in
            guard !state.isStopping, state.messages.count < Self.messagesMax, state.bytes + bytes <= Self.bytesMax
            else {
                state.dropped += 1
                return false
            }
            state.messages.append(event)
            state.bytes += bytes
            if state.thread == nil { state.thread = SystemThread { [self] in run() } }
            return true
        }
        if isTaken { work.set() }
    }

    /// Waits until what was said so far is written, but not for long.
    func flush() {
        let deadline = ServerClock().millis + Int64(Self.lastWordsMillis)
        while state.withLock({ $0.isWriting || !$0.messages.isEmpty }) {
            let rest = deadline - ServerClock().millis
            guard rest > 0 else { return }
            idle.wait(millisMax: rest)
        }
    }

    /// Ends the thread, unless it is held up by a reader that is not there.
    func stop() {
        flush()
        let (thread, isHeldUp) = state.withLock { state in
            state.isStopping = true
            defer { state.thread = nil }
            return (state.thread, state.isWriting || !state.messages.isEmpty)
        }
        work.set()
        if isHeldUp { thread?.detach() } else { thread?.join() }
    }

    private func run() {
        while true {
            let (messages, dropped, isLast) = state.withLock { state in
                defer {
                    state.messages = []
                    state.bytes = 0
                    state.dropped = 0
                }
                state.isWriting = !state.messages.isEmpty || state.dropped > 0
                return (state.messages, state.dropped, state.isStopping)
            }
            for message in messages { target.handler.log(event: message) }
            if dropped > 0 {
                target.warning(
                    "messages were dropped since nobody took them in time", metadata: ["count": "\(dropped)"])
            }
            state.withLock { $0.isWriting = false }
            idle.set()
            if !messages.isEmpty || dropped > 0 { continue }
            if isLast { return }
            work.wait()
        }
    }
}

/// Puts messages into a ``LogQueue``.
private struct QueueingLogHandler: LogHandler {
    let queue: LogQueue
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        queue.append(event)
    }
}
