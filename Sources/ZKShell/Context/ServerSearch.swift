internal import ZKClient
internal import ZKCore

/// Waits for a server on behalf of a command: says at once what it is that is waited for, and gives up where waiting does
/// not help.
struct ServerSearch {
    let client: ZooKeeperClient
    let timeout: Duration?
    let say: (@Sendable (String) -> Void)?

    private static let interval = Duration.milliseconds(50)
    /// A wait that is shorter is over before anybody wonders.
    private static let toldMin = Duration.seconds(2)

    /// - Throws: ``ZooKeeperError`` of `waitUntilConnected`, or that no host can ever serve.
    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await client.waitUntilConnected(timeout: timeout) }
            group.addTask { try await watchTroubles() }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Returns only by throwing.
    private func watchTroubles() async throws {
        var isTold = timeout.map { $0 < Self.toldMin } ?? false
        while true {
            try await Task.sleep(for: Self.interval)
            let failures = client.hostFailures
            if client.isHopeless {
                throw ZooKeeperError(
                    code: .connectionLoss, operation: "connect",
                    message: "cannot connect to \(client.configuration.connectString): \(Self.text(of: failures)).")
            }
            guard !isTold, failures.allSatisfy({ $0.failure != nil }), !client.state.isConnected else { continue }
            isTold = true
            let limit = timeout.map { " for \($0.components.seconds) s" } ?? ""
            say?("no server answers yet, trying on\(limit): \(Self.text(of: failures))")
        }
    }

    private static func text(of failures: [(host: ConnectString.Host, failure: String?)]) -> String {
        failures.map { "\($0.host): \($0.failure ?? "not tried yet")" }.joined(separator: "; ")
    }
}
