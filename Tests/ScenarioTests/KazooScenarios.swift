import Foundation
import Support
import Testing

/// What users of kazoo, the Python client, do: `Tests/kazoo/scenarios.py`, on our server and on Apache's.
@Suite(.serialized, .timeLimit(.minutes(3))) struct KazooScenarios {
    private static let names = [
        "smoke", "sequence", "ephemerals", "reconnect", "pipelining", "lock", "lock_of_a_dead_holder",
        "read_write_lock", "semaphore", "election", "barrier", "double_barrier", "queue", "locking_queue", "counter",
        "children_watch", "data_watch", "tree_cache", "transaction", "set_partitioner", "party", "lease", "access",
        "chroot", "large_values", "four_letter_words",
    ]
    private static let script = Fixtures.repository.appending(path: "Tests/kazoo/scenarios.py")

    private static func run(_ arguments: [String]) async throws -> CommandResult {
        try await ChildProcess.run(
            Kazoo.python, ["-B", script.path(percentEncoded: false)] + arguments, limit: .seconds(120))
    }

    @Test func everyScenarioIsListed() async throws {
        let result = try await Self.run(["--list"])
        #expect(result.status == 0, "\(result.errorText)")
        #expect(result.outputText.split(separator: "\n").map(String.init) == Self.names)
    }

    @Test(arguments: names, [Deployment.embedded, .apache])
    func holds(_ name: String, _ deployment: Deployment) async throws {
        let result = try await Self.run([try await deployment.connectString, name])
        #expect(result.status == 0, "\(result.outputText)\(result.errorText)")
        #expect(result.outputText.hasPrefix("\(name): passed"))
    }
}
