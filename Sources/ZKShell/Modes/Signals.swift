import Glibc
internal import ZKSystem

/// Signals as bytes in a pipe: the handler only writes, the main thread reads.
enum Signals {
    // Written once, before a handler is installed; read by handlers.
    nonisolated(unsafe) private static var writingEnd: Int32 = -1
    nonisolated(unsafe) private static var readingEnd: Int32 = -1

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

    /// Stops the process as Ctrl-Z does, and returns when it goes on: after how long.
    @discardableResult
    static func stopProcess() -> Duration {
        let start = ContinuousClock.now
        restoreDefault(SIGTSTP)
        raise(SIGTSTP)
        install([SIGTSTP])
        return ContinuousClock.now - start
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
