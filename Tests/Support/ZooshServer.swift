import Foundation
public import Glibc

/// The built `zoosh server` as a process, on a port that is free.
public final class ZooshServer: Sendable {
    public let port: UInt16
    private let child: ChildProcess
    private let files: TemporaryDirectory

    public var connectString: String { "127.0.0.1:\(port)" }
    public var pid: pid_t { child.pid }

    private init(port: UInt16, child: ChildProcess, files: TemporaryDirectory) {
        self.port = port
        self.child = child
        self.files = files
    }

    deinit {
        child.kill()
    }

    /// Starts it and waits until it serves.
    /// - Parameter options: those of `zoosh server`; `--memory` when empty.
    public static func start(_ options: [String] = [], environment: [String: String]? = nil) async throws -> ZooshServer
    {
        let files = try TemporaryDirectory()
        let portFile = files.path("port")
        let child = try ChildProcess(
            BuiltProduct.zoosh,
            ["server", "--port", "0", "--port-file", portFile] + (options.isEmpty ? ["--memory"] : options),
            environment: environment, output: files.path("output"))
        var port: UInt16?
        try await eventually(within: .seconds(60), "a server that listens") {
            if let bytes = FileManager.default.contents(atPath: portFile) {
                port = UInt16(String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines))
            }
            guard child.isRunning else { throw ApacheServer.Failure(description: "it ended: \(text(of: files))") }
            return port != nil
        }
        return ZooshServer(port: port ?? 0, child: child, files: files)
    }

    /// What it wrote to standard output and standard error.
    public var messages: String { Self.text(of: files) }

    /// Asks it to end and waits until it has.
    @discardableResult
    public func stop(with signal: Int32 = SIGTERM) async -> ChildProcess.Exit {
        child.signal(signal)
        return await child.waitForExit()
    }

    /// `kill -9`.
    public func kill() async {
        child.kill()
        await child.waitForExit()
    }

    private static func text(of files: TemporaryDirectory) -> String {
        String(decoding: FileManager.default.contents(atPath: files.path("output")) ?? Data(), as: UTF8.self)
    }
}
