import Foundation
import Support

@testable import ZKShell

/// A shell that looks at files, without a terminal and without a server.
final class OfflineShell: Sendable {
    let session: ShellSession

    init(_ path: String, options change: (inout ShellOptions) -> Void = { _ in }) throws {
        var options = ShellOptions()
        // Whoever asks a server after all waits for nothing.
        options.server = "127.0.0.1:1"
        options.connectTimeout = .milliseconds(10)
        options.offline = OfflineOptions(path: path)
        change(&options)
        session = ShellSession(
            options: options, connection: try ShellConnection(options: options), output: .memory(),
            input: MemoryInput([]), diagnostics: .memory())
    }

    /// On a recorded directory.
    convenience init(fixture: String, options change: (inout ShellOptions) -> Void = { _ in }) throws {
        try self.init(Fixtures.url("datadirs/\(fixture)").path(percentEncoded: false), options: change)
    }

    func run(_ line: String) async -> ShellHarness.Result {
        let status: Int32
        do {
            guard case .list(let list, _) = try CommandListParser.parse(Array(line.utf8)) else {
                return .init(status: 2, output: "", errors: [])
            }
            status = await Interpreter(session: session).run(list)?.rawValue ?? 0
        } catch {
            return .init(status: 2, output: "", errors: ["\(error)"])
        }
        return .init(
            status: status, output: String(decoding: session.output.takeBytes(), as: UTF8.self),
            errors: session.diagnostics.takeLines())
    }

    /// Runs a line that must succeed, and returns what it has printed.
    func output(_ line: String) async throws -> String {
        let result = await run(line)
        guard result.status == 0 else { throw ShellHarness.Unexpected(line: line, result: result) }
        return result.output
    }
}
