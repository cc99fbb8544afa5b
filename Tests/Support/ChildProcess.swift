import Foundation
public import Glibc
import Synchronization

/// A process that a test starts. It never outlives the test process, and nothing of ours but the named files reaches it.
public final class ChildProcess: Sendable {
    public enum Exit: Equatable, Sendable {
        case status(Int32)
        case signal(Int32)
    }

    private struct State {
        var exit: Exit?
        var waiting: [CheckedContinuation<Exit, Never>] = []
    }

    public let pid: pid_t
    public let command: String
    private let state = Mutex(State())

    /// - Parameters:
    ///   - environment: nil passes on this process's own.
    ///   - input: a file for its standard input; nothing to read when nil.
    ///   - output: a file for its standard output and, unless `errors` names another, its standard error; they
    ///     are appended to.
    public init(
        _ executable: String, _ arguments: [String], environment: [String: String]? = nil, directory: String? = nil,
        input: String? = nil, output: String? = nil, errors: String? = nil
    ) throws {
        var opened: [Int32] = []
        defer { for descriptor in opened { close(descriptor) } }
        func open(_ path: String, _ flags: Int32) throws -> Int32 {
            let descriptor = Glibc.open(path, flags | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw POSIXFailure(call: "open \(path)", errno: errno) }
            opened.append(descriptor)
            return descriptor
        }
        let appending = O_WRONLY | O_CREAT | O_APPEND
        let outputDescriptor = try open(output ?? "/dev/null", appending)
        let request = SpawnRequest(
            executable: executable, arguments: arguments, environment: environment, directory: directory,
            input: try open(input ?? "/dev/null", O_RDONLY), output: outputDescriptor,
            errors: try errors.map { try open($0, appending) } ?? outputDescriptor)
        command = ([executable] + arguments).joined(separator: " ")
        pid = try request.spawn()
        try ChildReaper.register(group: pid)
        // A thread of its own: waitpid blocks, and the pool that runs tests must not.
        let thread = Thread { [self] in reap() }
        thread.stackSize = 64 << 10
        thread.start()
    }

    private func reap() {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7f
        let exit: Exit = signal == 0 ? .status((status >> 8) & 0xff) : .signal(signal)
        ChildReaper.forget(group: pid)
        let waiting = state.withLock { state in
            state.exit = exit
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume(returning: exit) }
    }

    /// How it ended; nil while it runs.
    public var exit: Exit? { state.withLock { $0.exit } }

    public var isRunning: Bool { exit == nil }

    /// Sends a signal to the process.
    public func signal(_ number: Int32) {
        state.withLock { if $0.exit == nil { _ = Glibc.kill(pid, number) } }
    }

    /// Kills the process and all that it started.
    public func kill() {
        state.withLock { if $0.exit == nil { _ = Glibc.kill(-pid, SIGKILL) } }
    }

    /// Waits until it has ended.
    @discardableResult
    public func waitForExit() async -> Exit {
        await withCheckedContinuation { continuation in
            let exit = state.withLock { state in
                if state.exit == nil { state.waiting.append(continuation) }
                return state.exit
            }
            if let exit { continuation.resume(returning: exit) }
        }
    }
}

/// What a command that ran to its end left.
public struct CommandResult: Sendable {
    public var exit: ChildProcess.Exit
    public var output: [UInt8]
    public var errors: [UInt8]

    public var status: Int32? { if case .status(let status) = exit { status } else { nil } }
    public var outputText: String { String(decoding: output, as: UTF8.self) }
    public var errorText: String { String(decoding: errors, as: UTF8.self) }
}

extension ChildProcess {
    /// Runs a command to its end. It is killed when it takes longer than `limit` or when the task is cancelled.
    public static func run(
        _ executable: String, _ arguments: [String], environment: [String: String]? = nil, directory: String? = nil,
        input: [UInt8] = [], limit: Duration = .seconds(60)
    ) async throws -> CommandResult {
        let files = try TemporaryDirectory()
        try Data(input).write(to: files.url("stdin"))
        let child = try ChildProcess(
            executable, arguments, environment: environment, directory: directory, input: files.path("stdin"),
            output: files.path("stdout"), errors: files.path("stderr"))
        let exit = try await withTaskCancellationHandler {
            do {
                return try await withTimeLimit(limit, child.command) { await child.waitForExit() }
            } catch {
                child.kill()
                throw error
            }
        } onCancel: {
            child.kill()
        }
        return CommandResult(
            exit: exit, output: [UInt8](try Data(contentsOf: files.url("stdout"))),
            errors: [UInt8](try Data(contentsOf: files.url("stderr"))))
    }
}
