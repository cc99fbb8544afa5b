import Support
import Testing
import ZKCore
import ZKWire

@testable import ZKServer

@Suite("Access control lists", .timeLimit(.minutes(5)))
struct ACLTableTests {
    static func startServer() async throws -> EmbeddedServer {
        var configuration = ServerConfiguration()
        configuration.extendedTypesEnabled = true
        configuration.superDigest = "super:c9T5yFYCHEoR/xZ3KuYTF5tNWis="
        return try await EmbeddedServer.start(configuration)
    }

    /// Apache's server deletes containers for everybody. Debian's 3.8 answers exists without a look at the list, as
    /// later versions do not, and does not know the type of persistent watches in checkWatches.
    private static let deliberateDifferences: Set<String> = ["deleteContainer", "exists", "checkWatches"]

    @Test func everyOperationNeedsItsPermission() async throws {
        let server = try await Self.startServer()
        let rows = try ACLTable(port: server.port).walk()
        #expect(rows.count > 15_000)
        let wrong = rows.filter { row in
            let isGranted = row.needs.map { row.subject.grants($0, of: row.perms, to: row.requester) } ?? true
            return row.isRefused == isGranted
        }
        #expect(wrong.isEmpty, "\(wrong.count) rows, as \(wrong.prefix(5).map { "\($0.label): \($0.answer)" })")
        try await server.shutdown()
    }

    @Test func answersAsApacheDoes() async throws {
        let server = try await Self.startServer()
        var options = ApacheOptions.standard
        options.properties["zookeeper.forceSync"] = "no"
        let apache = try await ApacheServer.start(options)
        async let apacheRows = Task { try ACLTable(port: Int(apache.port)).walk() }.value
        let rows = try ACLTable(port: server.port).walk()
        let differences = zip(rows, try await apacheRows).filter { ours, theirs in
            ours.answer != theirs.answer && !Self.deliberateDifferences.contains(ours.operation)
        }
        #expect(
            differences.isEmpty,
            """
            \(differences.count) of \(rows.count), by operation \
            \(Dictionary(grouping: differences) { $0.0.operation }.mapValues(\.count)):
            \(differences.prefix(12).map { "\($0.label): \($0.answer), Apache: \($1.answer)" }.joined(separator: "\n"))
            """)
        await apache.kill()
        try await server.shutdown()
    }
}
