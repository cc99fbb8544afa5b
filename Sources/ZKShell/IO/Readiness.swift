import Glibc

/// Waiting for a pipe, a terminal or the like, which may take for ever, so that a signal ends the wait.
///
/// The calls of the system that block go on after a signal that another thread was given.
enum Readiness {
    /// Until then nobody notices that a wait is in vain.
    private static let pauseMillis: Int32 = 50

    /// Waits until `descriptor` can be read (`POLLIN`) or written (`POLLOUT`).
    ///
    /// - Throws: ``ShellError`` 130 when the task was cancelled, or the process is to end.
    static func wait(for events: Int32, on descriptor: Int32) throws(ShellError) {
        var waiting = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        while poll(&waiting, 1, pauseMillis) <= 0 { try checkInterruption() }
    }

    /// Likewise, for what cannot be waited for.
    static func pause() throws(ShellError) {
        try checkInterruption()
        usleep(useconds_t(pauseMillis) * 1000)
    }

    private static func checkInterruption() throws(ShellError) {
        if Task.isCancelled || Signals.endsWaiting { throw ShellError(CancellationError()) }
    }
}
