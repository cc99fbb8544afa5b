import Foundation
import Support
import ZKClient
import ZKCore
import ZKServer

/// A chroot of its own on a server that all tests of this process share, a client of it, and terminals on it.
final class Scene: Sendable {
    let client: ZooKeeperClient
    let connectString: String

    private static let server = Task {
        var configuration = ServerConfiguration()
        configuration.connectionsPerAddressMax = 0
        configuration.tickMillis = 500
        configuration.fourLetterWords = ["wchp"]
        // On a busy machine a shell that is stopped for a moment keeps its session.
        configuration.sessionTimeoutMillisMax = 60_000
        return try await EmbeddedServer.start(configuration)
    }

    static func port() async throws -> Int { try await server.value.port }

    /// - Parameter znodes: parents first, with their data after a `=`.
    init(_ znodes: String...) async throws {
        let chroot = "/t-\(UUID().uuidString)"
        let address = "127.0.0.1:\(try await Self.port())"
        let root = ZooKeeperClient(
            configuration: ClientConfiguration(connectString: try ConnectString(address)))
        try await root.create(ZnodePath(chroot))
        await root.close()
        connectString = address + chroot
        client = ZooKeeperClient(configuration: ClientConfiguration(connectString: try ConnectString(connectString)))
        for znode in znodes { try await create(znode) }
    }

    deinit {
        let client = client
        Task { await client.close() }
    }

    func create(_ znode: String) async throws {
        let parts = znode.split(separator: "=", maxSplits: 1).map(String.init)
        try await client.create(ZnodePath(parts[0]), data: parts.count > 1 ? Array(parts[1].utf8) : nil)
    }

    /// Waits until somebody has a watch on the znode.
    func untilWatched(_ path: String) async throws {
        let watched = connectString.drop { $0 != "/" } + path + "\n"
        let port = UInt16(try await Self.port())
        try await eventually("a watch on \(path)") { try await Loopback.ask("wchp", port: port).contains(watched) }
    }

    /// A shell on the chroot, at its first prompt.
    func terminal(
        _ arguments: String..., home: TemporaryDirectory? = nil, environment: [String: String] = [:], rows: Int = 24,
        columns: Int = 80
    ) async throws -> Terminal {
        let terminal = try Terminal(
            server: connectString, arguments, home: home, environment: environment, rows: rows, columns: columns)
        try await terminal.prompt()
        return terminal
    }
}
