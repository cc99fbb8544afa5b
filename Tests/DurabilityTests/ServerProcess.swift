import Foundation
import Glibc
import Support

/// `TestServer` on a data directory and a port that stay the same over its lives.
final class ServerProcess {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let dataDirectory: String
    let port: UInt16
    private let files: TemporaryDirectory
    private var child: ChildProcess?
    private var lives = 0

    var connectString: String { "127.0.0.1:\(port)" }

    init(dataDirectory: String, port: UInt16? = nil) throws {
        self.dataDirectory = dataDirectory
        self.port = try port ?? Loopback.freePort()
        files = try TemporaryDirectory()
    }

    deinit {
        child?.kill()
    }

    /// Starts it, and waits until it serves.
    func start(_ options: String...) async throws {
        lives += 1
        let output = files.path("output-\(lives)")
        let child = try ChildProcess(
            BuiltProduct.path("TestServer"), [dataDirectory, "\(port)"] + options, output: output,
            errors: files.path("errors-\(lives)")
        )
        self.child = child
        try await eventually(within: .seconds(30), "a server that listens") {
            if FileManager.default.contents(atPath: output)?.isEmpty == false { return true }
            guard child.isRunning else { throw Failure(description: "it ended: \(self.errors)") }
            return false
        }
    }

    /// `kill -9`.
    func kill() async {
        child?.kill()
        await child?.waitForExit()
    }

    func exitStatus() async -> ChildProcess.Exit? { await child?.waitForExit() }

    /// What it wrote to standard error in this life.
    var errors: String {
        String(decoding: FileManager.default.contents(atPath: files.path("errors-\(lives)")) ?? Data(), as: UTF8.self)
    }
}
