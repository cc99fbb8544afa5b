import Support
import Testing
import ZKServer

@Suite("Recorded conversations", .timeLimit(.minutes(2)))
struct TranscriptTests {
    /// The settings of the recorded server.
    private static func recordedConfiguration() -> ServerConfiguration {
        var configuration = ServerConfiguration()
        configuration.tickMillis = 2000
        configuration.sessionTimeoutMillisMax = 3_600_000
        configuration.extendedTypesEnabled = true
        configuration.superDigest = "super:c9T5yFYCHEoR/xZ3KuYTF5tNWis="
        configuration.fourLetterWords = ["*"]
        configuration.connectionsPerAddressMax = 0
        return configuration
    }

    /// One run of the recorded server: the second conversation goes on where the first one ended.
    @Test func answersHandshakesAndErrorsAsApacheDoes() async throws {
        let server = try await EmbeddedServer.start(Self.recordedConfiguration())
        let mapping = Transcript.Mapping()
        try Transcript("raw-connect").replay(
            port: server.port, mapping: mapping,
            skipping: [55: "a wrong password does not disturb the owner of the session: the next right one does"],
            before: [108: { try $0[19]?.send([0x7F, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0]) }])
        try Transcript("raw-errors").replay(port: server.port, mapping: mapping)
        try await server.shutdown()
    }
}
