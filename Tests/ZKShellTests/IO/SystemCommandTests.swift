import Glibc
import Support
import Synchronization
import Testing
import ZKSystem

@testable import ZKShell

/// Waiting for a command of the system.
@Suite(.timeLimit(.minutes(1))) struct SystemCommandTests {
    /// A handler that runs on the waiting thread ends its call, and what it waits for runs on.
    @Test func aSignalIsNoEndOfTheCommand() async throws {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in }
        sigaction(SIGUSR2, &action, nil)
        let pipe = try #require(Pipe())
        let command = try SystemCommand.start(["sh", "-c", "read -r line; exit 3"], input: pipe.reading)
        close(pipe.reading)
        let state = Mutex<(thread: pthread_t?, status: ExitCode?)>((nil, nil))
        await withCheckedContinuation { continuation in
            DetachedThread.run {
                state.withLock { $0.thread = pthread_self() }
                continuation.resume()
                let status = command.waitForEnd(tellsStops: true) { _ in }
                state.withLock { $0.status = status }
            }
        }
        let thread = try #require(state.withLock { $0.thread })
        for _ in 0..<20 {
            // It ends with the command alone, so the thread is there.
            try #require(state.withLock { $0.status } == nil)
            pthread_kill(thread, SIGUSR2)
            try await Task.sleep(for: .milliseconds(5))
        }
        close(pipe.writing)
        try await eventually("the end of the command") { state.withLock { $0.status } == ExitCode(rawValue: 3) }
    }
}
