import Support
import Testing
import ZKClient
import ZKCore
import ZKServer

/// What the scenarios run on. They are the same for all.
enum Deployment: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case embedded
    case apache
    case apacheEnsemble

    var testDescription: String { rawValue }

    /// A server that all scenarios share; each keeps to a znode of its own.
    var connectString: String {
        get async throws {
            switch self {
            case .embedded: "127.0.0.1:\(try await Self.embeddedServer.value.port)"
            case .apache: try await ApacheServer.shared().connectString
            case .apacheEnsemble: try await ApacheEnsemble.shared().connectString
            }
        }
    }

    private static let embeddedDirectory = Result { try TemporaryDirectory() }

    /// As the Apache servers of the tests are configured, with its log on the disk.
    private static let embeddedServer = Task {
        var configuration = ServerConfiguration()
        configuration.dataDirectory = try embeddedDirectory.get().path("data")
        configuration.tickMillis = 500
        configuration.sessionTimeoutMillisMin = 500
        configuration.sessionTimeoutMillisMax = 3_600_000
        configuration.connectionsPerAddressMax = 0
        configuration.extendedTypesEnabled = true
        configuration.fourLetterWords = ["*"]
        return try await EmbeddedServer.start(configuration)
    }

    /// The client port of one server of it.
    var port: Int {
        get async throws {
            let last = try await connectString.split(separator: ",")[0].split(separator: ":")[1]
            return try #require(Int(last))
        }
    }

    /// A client with a session.
    func client(
        chroot: ZnodePath? = nil, through proxy: TCPProxy? = nil, sessionTimeout: Duration = .seconds(30),
        auth: [AuthInfo] = []
    ) async throws -> ZooKeeperClient {
        let hosts = if let proxy { proxy.connectString } else { try await connectString }
        var configuration = ClientConfiguration(connectString: try ConnectString(hosts + (chroot?.string ?? "")))
        configuration.sessionTimeout = sessionTimeout
        configuration.auth = auth
        let client = ZooKeeperClient(configuration: configuration)
        try await client.waitUntilConnected(timeout: .seconds(30))
        return client
    }

    /// Runs a scenario with a client and a new znode of its own.
    func run(_ body: (ZooKeeperClient, ZnodePath) async throws -> Void) async throws {
        let client = try await client()
        let home = try await client.create("/scenario-", mode: .persistentSequential)
        try await body(client, home)
        await client.close()
    }
}

/// Expects that the call is answered with this error.
func expectError<Value>(
    _ code: ErrorCode, sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Value
) async {
    do {
        _ = try await body()
        Issue.record("expected \(code)", sourceLocation: sourceLocation)
    } catch let error as ZooKeeperError {
        #expect(error.code == code, "\(error)", sourceLocation: sourceLocation)
    } catch {
        Issue.record("expected \(code), got \(error)", sourceLocation: sourceLocation)
    }
}

extension WatchSequence.AsyncIterator {
    /// The next event; a gap is a failure.
    mutating func nextEvent(sourceLocation: SourceLocation = #_sourceLocation) async throws -> WatchEvent {
        switch try await next() {
        case .event(let event): return event
        case .resumed:
            Issue.record("the watch was interrupted", sourceLocation: sourceLocation)
            throw CancellationError()
        case nil:
            Issue.record("the watch has ended", sourceLocation: sourceLocation)
            throw CancellationError()
        }
    }
}

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
