import Support
import Testing
import ZKCore
import ZKServer
import ZKWire

@Suite("Recorded conversations", .timeLimit(.minutes(10)))
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

    /// The other clients of this recording were not recorded themselves: what they did follows from the zxids.
    @Test func firesWatchesAsApacheDoes() async throws {
        let server = try await EmbeddedServer.start(Self.recordedConfiguration())
        let port = server.port
        try Self.useUpZxids(through: 0x7F, port: port)
        let mapping = Transcript.Mapping()
        let other = try RawClient(port: port)
        let dying = try RawClient(port: port)
        func create(_ path: UString, _ data: [UInt8] = [], mode: CreateMode = .persistent) throws {
            try other.ask(Requests.create(1, path, data: data, mode: mode))
        }
        func setACL(_ path: UString, _ perms: Permissions) throws {
            let acl = [ACL(perms: perms, identity: .anyone)]
            try other.ask(Requests.request(1, .setACL, SetACLRequest(path: path, acl: acl, version: -1)))
        }
        try Transcript("raw-watches").replay(
            port: port, mapping: mapping,
            before: [
                3: { _ in
                    try other.connect()
                    for path in ["/s", "/s/a", "/s/b", "/s/c"] { try create(UString(path)) }
                    try other.ask(Requests.setData(1, "/s/a", Array("changed".utf8)))
                    try other.ask(Requests.delete(1, "/s/b"))
                    try create("/s/new")
                    try create("/s/c/kid")
                },
                12: { _ in try other.ask(Requests.setData(1, "/s/c", [1])) },
                13: { _ in try create("/s/notyet") },
                19: { _ in try other.ask(Requests.setData(1, "/s", Array("x".utf8))) },
                20: { _ in try create("/s/c/k2") },
                37: { _ in try other.ask(Requests.delete(1, "/s/d")) },
                45: { _ in try other.ask(Requests.delete(1, "/s/d2")) },
                52: { _ in try create("/s/miss") },
                53: { _ in try create("/s/miss2") },
                58: { _ in try other.ask(Requests.delete(1, "/s/c/k2")) },
                61: { _ in try create("/s/acl") },
                65: { _ in
                    try setACL("/s/acl", [.write, .create, .delete, .admin])
                    try other.ask(Requests.setData(1, "/s/acl", [1]))
                    try create("/s/acl2")
                },
                69: { _ in try setACL("/s/acl2", .read) },
                71: { _ in try create("/s/rec") },
                75: { _ in try create("/s/rec/x") },
                77: { _ in try create("/s/rec/y") },
                81: { _ in try create("/s/p") },
                85: { _ in try other.ask(Requests.setData(1, "/s/p", [1])) },
                86: { _ in try other.ask(Requests.setData(1, "/s/p", [2])) },
                94: { _ in try other.ask(Requests.setData(1, "/s/p", [3])) },
                98: { _ in
                    try other.ask(
                        Requests.request(
                            1, .multi,
                            MultiRequest(ops: [
                                .setData(SetDataRequest(path: "/s", data: [], version: -1)),
                                .create(
                                    type: .create,
                                    CreateRequest(path: "/s/m1", data: [], acl: .openUnsafe, flags: 0)),
                                .create(
                                    type: .create,
                                    CreateRequest(path: "/s/m2", data: [], acl: .openUnsafe, flags: 0)),
                            ])))
                },
                102: { _ in
                    let id = try dying.connect().sessionID
                    let recorded: Int64 = 0x1000029472c0017
                    mapping.pairs.append(
                        (
                            withUnsafeBytes(of: recorded.bigEndian) { Array($0) },
                            withUnsafeBytes(of: id.bigEndian) { Array($0) }
                        ))
                    try dying.ask(Requests.create(1, "/s/e1", mode: .ephemeral))
                    try dying.ask(Requests.create(2, "/s/e2", mode: .ephemeral))
                },
                110: { _ in try dying.ask(Requests.request(3, .closeSession)) },
            ])
        try other.ask(Requests.request(1, .closeSession))
        try Transcript("raw-pipeline").replay(port: port, mapping: mapping)
        try await server.shutdown()
    }

    /// Brings a fresh server to a zxid: a session, requests that are refused, and the end of the session.
    private static func useUpZxids(through last: Int64, port: Int) throws {
        let client = try RawClient(port: port)
        try client.connect()
        for xid in 2..<last { try client.ask(Requests.delete(Int32(xid), "/none")) }
        let reply = try client.ask(Requests.request(0, .closeSession))
        #expect(reply.header.zxid.rawValue == last)
    }
}
