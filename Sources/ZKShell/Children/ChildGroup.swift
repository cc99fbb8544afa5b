import Glibc
internal import ShellLanguage
internal import Synchronization
internal import ZKSystem

/// A command that runs in a process group of its own, so that it can be stopped with all that it has started.
///
/// When the shell has the terminal, the group gets it for as long as it runs: Ctrl-C and Ctrl-Z are for the command.
final class ChildGroup: Sendable {
    private struct State {
        var status: ExitCode?
        var waiting: [CheckedContinuation<ExitCode, Never>] = []
    }

    private let command: SystemCommand
    /// Ends the group when this process is killed.
    private let guardian: GroupGuardian?
    private let ownsTerminal: Bool
    private let state = Mutex(State())

    /// Its group has the same number.
    private var processID: pid_t { command.processID }

    /// - Parameter orphanGrace: how long the group has between SIGTERM and SIGKILL when this process was killed.
    /// - Throws: ``ShellError`` 127 when there is no such command, 126 when it cannot be started.
    init(
        _ words: [Word], output: Int32?, environment: [(name: String, value: String)], orphanGrace: Duration
    ) throws(ShellError) {
        ownsTerminal = tcgetpgrp(STDIN_FILENO) == getpgrp()
        let guardian = GroupGuardian(grace: orphanGrace)
        do throws(ShellError) {
            command = try SystemCommand.start(
                words: words, output: output, environment: environment, leadsGroup: true)
        } catch {
            guardian?.dismiss()
            throw error
        }
        self.guardian = guardian
        guardian?.watch(group: command.processID)
        if ownsTerminal { giveTerminal() }
        // A thread of its own: waiting may take for ever and must not hold one of the pool.
        DetachedThread.run { [self] in reap() }
    }

    /// Waits for the end of the command; what it has left running in the background does not count.
    func wait() async -> ExitCode {
        await withCheckedContinuation { continuation in
            let status = state.withLock { state in
                if state.status == nil { state.waiting.append(continuation) }
                return state.status
            }
            if let status { continuation.resume(returning: status) }
        }
    }

    /// Stops the whole group: SIGTERM, and SIGKILL for what is left of it after `grace`, or at `deadline` if that is
    /// sooner. Goes through even in a cancelled task.
    func stop(grace: Duration, deadline: @escaping @Sendable () -> ContinuousClock.Instant?) async {
        await Task { [self] in
            signal(SIGTERM)
            // One that is stopped would not notice.
            signal(SIGCONT)
            let end = ContinuousClock.now + grace
            while exists, .now < min(end, deadline() ?? end) { try? await Task.sleep(for: .milliseconds(20)) }
            if exists { signal(SIGKILL) }
            _ = await wait()
        }.value
    }

    /// Whether any process of the group is left.
    private var exists: Bool { kill(-processID, 0) == 0 }

    private func signal(_ number: Int32) {
        _ = kill(-processID, number)
    }

    private func reap() {
        let code = command.waitForEnd(tellsStops: ownsTerminal) { stopAlong(with: $0) }
        guardian?.dismiss()
        if ownsTerminal { Self.setForeground(getpgrp()) }
        let waiting = state.withLock { state in
            state.status = code
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume(returning: code) }
    }

    /// Ctrl-Z has stopped the command: the shell stops as well, and both go on together.
    private func stopAlong(with signal: Int32) {
        guard signal != SIGSTOP else { return }
        Self.setForeground(getpgrp())
        raise(SIGSTOP)
        giveTerminal()
    }

    private func giveTerminal() {
        Self.setForeground(processID)
        // It may have read before it had the terminal, and was stopped for that.
        signal(SIGCONT)
    }

    private static func setForeground(_ group: pid_t) {
        // From the background this would stop us.
        var blocked = sigset_t()
        var previous = sigset_t()
        sigemptyset(&blocked)
        sigaddset(&blocked, SIGTTOU)
        pthread_sigmask(SIG_BLOCK, &blocked, &previous)
        _ = tcsetpgrp(STDIN_FILENO, group)
        pthread_sigmask(SIG_SETMASK, &previous, nil)
    }
}
