import CSupport
import Foundation
import Glibc
import Synchronization

/// A pseudo-terminal, and the process that has it as its own terminal.
///
/// It stays until the process has ended and all is read: who makes one calls ``kill()`` at the end.
public final class PseudoTerminal: Sendable {
    private let pid: pid_t
    private let descriptor: Int32
    private let ended = Mutex<ChildProcess.Exit?>(nil)

    /// - Parameters:
    ///   - input: a file in place of the terminal for standard input; likewise `output` and `errors`.
    ///   - onOutput: called with what the process writes, on a thread of the terminal's own.
    public init(
        _ executable: String, _ arguments: [String], environment: [String: String], directory: String? = nil,
        rows: Int, columns: Int, input: String? = nil, output: String? = nil, errors: String? = nil,
        onOutput: @escaping @Sendable ([UInt8]) -> Void
    ) throws {
        var opened: [Int32] = []
        defer { for descriptor in opened { close(descriptor) } }
        func open(_ path: String?, _ flags: Int32) throws -> Int32 {
            guard let path else { return -1 }
            let descriptor = Glibc.open(path, flags | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw POSIXFailure(call: "open \(path)", errno: errno) }
            opened.append(descriptor)
            return descriptor
        }
        let inputDescriptor = try open(input, O_RDONLY)
        let outputDescriptor = try open(output, O_WRONLY | O_CREAT | O_APPEND)
        let errorDescriptor = try open(errors, O_WRONLY | O_CREAT | O_APPEND)
        var controller: Int32 = -1
        var name = [CChar](repeating: 0, count: 256)
        var result = zoosh_test_terminal(Int32(rows), Int32(columns), &controller, &name, name.count)
        guard result == 0 else { throw POSIXFailure(call: "posix_openpt", errno: result) }
        var child: pid_t = -1
        result = withCStrings([executable] + arguments) { argv in
            withCStrings(environment.map { "\($0.key)=\($0.value)" }) { envp in
                zoosh_test_spawn_on_terminal(
                    executable, argv, envp, directory, name, inputDescriptor, outputDescriptor, errorDescriptor, &child)
            }
        }
        guard result == 0 else {
            close(controller)
            throw POSIXFailure(call: "posix_spawn \(executable)", errno: result)
        }
        pid = child
        descriptor = controller
        try ChildReaper.register(group: pid)
        let thread = Thread { [self] in
            forward(onOutput)
            reap()
        }
        thread.stackSize = 256 << 10
        thread.start()
    }

    deinit {
        close(descriptor)
    }

    private func forward(_ onOutput: ([UInt8]) -> Void) {
        var bytes = [UInt8](repeating: 0, count: 1 << 14)
        while true {
            let count = read(descriptor, &bytes, bytes.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            onOutput(Array(bytes[..<count]))
        }
    }

    private func reap() {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        ChildReaper.forget(group: pid)
        let signal = status & 0x7f
        ended.withLock { $0 = signal == 0 ? .status((status >> 8) & 0xff) : .signal(signal) }
    }

    /// How the process ended; nil before that, and before all that it wrote was handed on.
    public var exit: ChildProcess.Exit? { ended.withLock { $0 } }

    /// As if it were typed.
    public func send(_ bytes: [UInt8]) {
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress! + offset, $0.count - offset) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            offset += count
        }
    }

    public func resize(rows: Int, columns: Int) throws {
        let result = zoosh_test_resize(descriptor, Int32(rows), Int32(columns))
        guard result == 0 else { throw POSIXFailure(call: "TIOCSWINSZ", errno: result) }
    }

    /// Sends a signal to the process.
    public func signal(_ number: Int32) {
        ended.withLock { if $0 == nil { _ = Glibc.kill(pid, number) } }
    }

    /// Kills the process and its group.
    public func kill() {
        ended.withLock { if $0 == nil { _ = Glibc.kill(-pid, SIGKILL) } }
    }
}
