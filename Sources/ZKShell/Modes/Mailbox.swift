import Glibc
import Synchronization
internal import ZKSystem

/// What tasks and other threads want of the main thread, which sits in `poll`.
final class Mailbox: Sendable {
    enum Message: Sendable {
        /// The body of ``MainLoop/run(_:)`` has ended.
        case finished
        /// Someone waits for stdin to become readable.
        case wantsInput
        /// A line to show: a watch event, a change of the session.
        case notice(String)
        /// The prompt may have to change.
        case stateChanged
    }

    private let messages = Mutex<[Message]>([])
    private let readingEnd: Int32
    private let writingEnd: Int32

    init() {
        guard let ends = Pipe(blocks: false) else {
            preconditionFailure("cannot make a pipe: \(systemErrorText(errno))")
        }
        readingEnd = ends.reading
        writingEnd = ends.writing
    }

    /// Readable when there are messages.
    var descriptor: Int32 { readingEnd }

    func post(_ message: Message) {
        let isFirst = messages.withLock { messages in
            messages.append(message)
            return messages.count == 1
        }
        if isFirst { wake() }
    }

    func wake() {
        var byte: UInt8 = 1
        // A full pipe wakes the main thread as well.
        _ = write(writingEnd, &byte, 1)
    }

    func takeAll() -> [Message] {
        var bytes = [UInt8](repeating: 0, count: 64)
        while read(readingEnd, &bytes, bytes.count) > 0 {}
        return messages.withLock { messages in
            defer { messages = [] }
            return messages
        }
    }
}
