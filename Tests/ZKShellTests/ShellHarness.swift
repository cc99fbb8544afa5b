import Foundation
import Support
import ZKClient
import ZKCore
import ZKServer
import ZKText

@testable import ZKShell

/// A shell without a terminal, on a server in memory that all tests of this process share. Each harness has a chroot of
/// its own.
final class ShellHarness: Sendable {
    /// What a line has left.
    struct Result: Sendable {
        var status: Int32
        var output: String
        /// The lines on stderr.
        var errors: [String]
    }

    let session: ShellSession
    let client: ZooKeeperClient

    private static let server = Task {
        var configuration = ServerConfiguration()
        configuration.extendedTypesEnabled = true
        configuration.connectionsPerAddressMax = 0
        configuration.tickMillis = 500
        configuration.fourLetterWords = ["*"]
        // super:golden
        configuration.superDigest = "super:c9T5yFYCHEoR/xZ3KuYTF5tNWis="
        return try await EmbeddedServer.start(configuration)
    }

    /// Runs `body` with a shell without a chroot, on a server in memory that nobody shares.
    static func withOwnServer(
        answers: [String] = [], options change: (inout ShellOptions) -> Void = { _ in },
        _ body: (ShellHarness) async throws -> Void
    ) async throws {
        var configuration = ServerConfiguration()
        configuration.extendedTypesEnabled = true
        configuration.tickMillis = 500
        let server = try await EmbeddedServer.start(configuration)
        try await body(
            try await ShellHarness(
                server: "127.0.0.1:\(server.port)", isAtRoot: true, answers: answers, options: change))
        try await server.shutdown()
    }

    static func port() async throws -> Int { try await server.value.port }

    /// - Parameters:
    ///   - server: nil for the server in memory.
    ///   - isAtRoot: without a chroot, on a `server` that nobody shares.
    ///   - isInteractive: as at a prompt.
    ///   - answers: given to questions, as if typed at a terminal.
    init(
        server: String? = nil, isAtRoot: Bool = false, input: String = "", answers: [String] = [],
        isInteractive: Bool = false, options change: (inout ShellOptions) -> Void = { _ in }
    ) async throws {
        let address: String
        if let server { address = server } else { address = "127.0.0.1:\(try await Self.port())" }
        var options = ShellOptions()
        options.server = isAtRoot ? address : "\(address)/t-\(UUID().uuidString)"
        options.createsChroot = true
        // The other tests keep the machine busy.
        options.probeTimeout = .seconds(60)
        change(&options)
        session = ShellSession(
            options: options, connection: try ShellConnection(options: options), output: .memory(),
            input: MemoryInput(Array(input.utf8), answers: answers), diagnostics: .memory(),
            isInteractive: isInteractive)
        client = try await session.connection.client()
    }

    /// Runs a line as if it were typed.
    @discardableResult
    func run(_ line: String) async -> Result {
        let bytes = await runForBytes(line)
        return Result(
            status: bytes.status, output: String(decoding: bytes.output, as: UTF8.self),
            errors: session.diagnostics.takeLines())
    }

    /// Likewise; leaves stderr where it is.
    func runForBytes(_ line: String) async -> (status: Int32, output: [UInt8]) {
        do {
            guard case .list(let list, _) = try CommandListParser.parse(Array(line.utf8)) else { return (2, []) }
            let status = await Interpreter(session: session).run(list) ?? .success
            return (status.rawValue, session.output.takeBytes())
        } catch {
            return (2, Array("\(error)".utf8))
        }
    }

    /// Runs a line that must succeed, and returns what it has printed.
    func output(_ line: String) async throws -> String {
        let result = await run(line)
        guard result.status == 0 else { throw Unexpected(line: line, result: result) }
        return result.output
    }

    struct Unexpected: Error, CustomStringConvertible {
        var line: String
        var result: Result
        var description: String { "\(line): status \(result.status), stderr \(result.errors)" }
    }

    /// Creates znodes, parents first, with the data after a `=`.
    func create(_ znodes: String...) async throws {
        for znode in znodes {
            let parts = znode.split(separator: "=", maxSplits: 1)
            try await client.create(
                ZnodePath(String(parts[0])), data: parts.count > 1 ? Array(parts[1].utf8) : nil)
        }
    }

    /// The JSON lines that a line prints.
    func json(_ line: String) async throws -> [JSONValue] {
        session.updateOptions { $0.output = .json }
        defer { session.updateOptions { $0.output = .plain } }
        return try await output(line).split(separator: "\n").map { try JSONValue(parsing: $0.utf8) }
    }
}
