import Support
import Synchronization
import ZKClient
import ZKCore

/// Gives a test a fresh znode on a real server and as many sessions as it wants.
struct RecipeHarness {
    let home: ZnodePath

    static func run(_ body: (RecipeHarness) async throws -> Void) async throws {
        let admin = try await session()
        let home = try await admin.create("/recipes-", mode: .persistentSequential)
        try await body(RecipeHarness(home: home))
        await admin.close()
    }

    /// - Parameter server: nil for the real one that all share.
    static func session(_ server: String? = nil, timeout: Duration = .seconds(10)) async throws -> ZooKeeperClient {
        let address: String
        if let server { address = server } else { address = try await ApacheServer.shared().connectString }
        var configuration = ClientConfiguration(connectString: try ConnectString(address))
        configuration.sessionTimeout = timeout
        let client = ZooKeeperClient(configuration: configuration)
        try await client.waitUntilConnected(timeout: .seconds(20))
        return client
    }
}

/// A value that concurrent tasks of a test change.
final class Shared<Value: Sendable>: Sendable {
    private let mutex: Mutex<Value>

    init(_ value: Value) {
        mutex = Mutex(value)
    }

    var value: Value { mutex.withLock { $0 } }

    @discardableResult
    func change(_ body: @Sendable (inout Value) -> Void) -> Value {
        mutex.withLock { value in
            body(&value)
            return value
        }
    }
}
