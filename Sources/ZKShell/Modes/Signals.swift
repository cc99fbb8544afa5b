import Glibc
import Synchronization
internal import ZKSystem

/// Signals as bytes in a pipe: the handler only writes, the main thread reads.
enum Signals {
    // Written once, before a handler is installed; read by handlers.
    nonisolated(unsafe) private static var writingEnd: Int32 = -1
    nonisolated(unsafe) private static var readingEnd: Int32 = -1

    // Written once, on the main thread, before anything asks for it.
    nonisolated(unsafe) private static var mainThread: pthread_t?
    private static let endsProcess = Atomic(false)

    /// Says that the process is to end: whoever waits for something outside gives up.
    static func noteEnd() {
        endsProcess.store(true, ordering: .relaxed)
    }

    /// Whether a wait of the calling thread should end: the process is to, or it is the main thread and has a signal to
    /// look at.
    static var endsWaiting: Bool {
        if endsProcess.load(ordering: .relaxed) { return true }
        guard let mainThread, pthread_equal(pthread_self(), mainThread) != 0 else { return false }
        var waiting = pollfd(fd: readingEnd, events: Int16(POLLIN), revents: 0)
        return poll(&waiting, 1, 0) > 0
    }

    /// Readable when a signal came.
    static var descriptor: Int32 { readingEnd }

    /// Sends `signals` to the pipe and ignores SIGPIPE, whose meaning ``Output`` takes over.
    static func install(_ signals: [Int32]) {
        if readingEnd < 0 {
            guard let ends = Pipe(blocks: false) else {
                preconditionFailure("cannot make a pipe: \(systemErrorText(errno))")
            }
            readingEnd = ends.reading
            writingEnd = ends.writing
            mainThread = pthread_self()
            signal(SIGPIPE, SIG_IGN)
        }
        for number in signals {
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { number in
                let saved = errno
                var byte = UInt8(truncatingIfNeeded: number)
                _ = write(Signals.writingEnd, &byte, 1)
                errno = saved
            }
            action.sa_flags = SA_RESTART
            sigaction(number, &action, nil)
        }
    }

    static func restoreDefault(_ number: Int32) {
        signal(number, SIG_DFL)
    }

    /// Stops the process as Ctrl-Z does, and returns when it goes on.
    static func stopProcess() {
        restoreDefault(SIGTSTP)
        raise(SIGTSTP)
        install([SIGTSTP])
    }

    /// Ends the process as `number` does when nobody handles it.
    static func endProcess(by number: Int32) -> Never {
        restoreDefault(number)
        raise(number)
        _exit(128 + number)
    }

    static func takeAll() -> [Int32] {
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = read(readingEnd, &bytes, bytes.count)
        return count > 0 ? bytes[..<count].map(Int32.init) : []
    }
}
