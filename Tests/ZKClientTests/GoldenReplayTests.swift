import Support
import Testing
import ZKCore
import ZKWire

@testable import ZKClient

/// The client says, byte for byte, what Apache's Java client said when it was asked for the same, and makes the same of
/// the answers.
@Suite(.timeLimit(.minutes(1)))
struct GoldenReplayTests {
    private func replay(
        _ name: String, sessionTimeout: Duration, _ body: (ZooKeeperClient) async throws -> Void
    ) async throws {
        let server = try await ScriptedServer.start()
        let conversation = try RecordedConversation(name)
        let client = try makeClient(server) { $0.sessionTimeout = sessionTimeout }
        let playing = Task { try await conversation.play(on: server) }
        try await body(client)
        await client.close()
        #expect(try await playing.value == [])
    }

    private func code(_ body: () async throws -> Void) async -> ErrorCode? {
        do {
            try await body()
            return .ok
        } catch {
            return (error as? ZooKeeperError)?.code
        }
    }

    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test func everyOperation() async throws {
        try await replay("java-basic", sessionTimeout: .seconds(12)) { client in
            try await client.create("/j", data: bytes("d"))
            let (path, stat) = try await client.createWithStat("/j/two", data: nil)
            #expect(path == "/j/two" && stat.czxid == Zxid(rawValue: 3))
            #expect(
                try await client.create(ZnodePath(unchecked: "/j/s-"), mode: .persistentSequential) == "/j/s-0000000001"
            )
            try await client.create("/j/e", data: bytes("e"), mode: .ephemeral)
            try await client.create("/j/es-", data: bytes("e"), mode: .ephemeralSequential)
            #expect(try await client.create("/j/c", data: nil, mode: .container) == "/j/c")
            try await client.create("/j/ttl", data: bytes("t"), mode: .persistentWithTTL, ttl: .seconds(600))
            #expect(
                try await client.create(
                    "/j/ttls-", data: bytes("t"), mode: .persistentSequentialWithTTL, ttl: .seconds(600))
                    == "/j/ttls-0000000006")
            #expect(await code { try await client.create("/j", data: bytes("d")) } == .nodeExists)
            #expect(try await client.exists("/j")?.numChildren == 7)
            #expect(try await client.exists("/none") == nil)
            #expect(try await client.getData("/j").data == bytes("d"))
            #expect(try await client.getData("/j/two").data == nil)
            #expect(try await client.setData("/j", data: bytes("dd"), version: 0).version == 1)
            #expect(await code { try await client.setData("/j", data: bytes("dd"), version: 0) } == .badVersion)
            #expect(try await client.getACL("/j").acl == .openUnsafe)
            try await setAndReadOn(client)
        }
    }

    private func setAndReadOn(_ client: ZooKeeperClient) async throws {
        let acl = [
            ACL(perms: .all, identity: .anyone), ACL(perms: .read, scheme: "ip", id: "10.0.0.0/8"),
        ]
        #expect(try await client.setACL("/j/two", acl: acl, aversion: 0).aversion == 1)
        let names = ["es-0000000003", "c", "e", "ttls-0000000006", "s-0000000001", "two", "ttl"]
        #expect(try await client.getChildren("/j") == names)
        #expect(try await client.getChildrenWithStat("/j").children == names)
        #expect(try await client.getAllChildrenNumber("/j") == 7)
        #expect(try await client.getAllChildrenNumber("/") == 11)
        #expect(try await client.getEphemerals() == ["/j/es-0000000003", "/j/e"])
        #expect(try await client.getEphemerals(prefix: "/j/e").count == 2)
        #expect(try await client.whoAmI() == [ACLIdentity(scheme: "ip", id: "127.0.0.1")])
        try await client.addAuth(.digest(user: "joe", password: "secret"))
        #expect(try await client.whoAmI().contains(ACLIdentity(scheme: "digest", id: "joe")))
        try await client.create("/j/mine", acl: .creatorAll)
        let owner = ACL(perms: .all, scheme: "digest", id: "joe:oesAybBun9icKJjQSTRN8OBueSc=")
        #expect(try await client.getACL("/j/mine").acl == [owner])
        try await client.sync("/j")
        try await client.delete("/j/two")
        #expect(await code { try await client.delete("/j/two") } == .noNode)
        #expect(await code { try await client.delete("/j") } == .notEmpty)
        #expect(try await client.getConfig().data == [])
        #expect(client.session.lastZxid == Zxid(rawValue: 0x14))
    }

    @Test func multis() async throws {
        try await replay("java-multi", sessionTimeout: .seconds(30)) { client in
            let all = try await client.multi([
                .create("/m", data: bytes("1")), .create("/m/s-", mode: .ephemeralSequential),
                .setData("/m", data: bytes("2"), version: 0), .check("/m", version: 1),
                .create("/m/x", data: nil, mode: .container),
                .create("/m/t", data: bytes("t"), mode: .persistentWithTTL, ttl: .seconds(500)), .delete("/m/x"),
            ])
            #expect(all[1] == .create(path: "/m/s-0000000000", stat: nil))
            #expect(all[3] == .check && all[6] == .delete)
            guard case .create(path: "/m/t", stat: .some) = all[5] else {
                Issue.record("\(all[5])")
                return
            }
            let middle = try await client.multiResults([
                .setData("/m", data: bytes("3")), .check("/m", version: 55), .create("/m/y"),
            ])
            #expect(middle.map(\.code) == [.ok, .badVersion, .runtimeInconsistency])
            let first = try await client.multiResults([.create("/m"), .delete("/m/none")])
            #expect(first.map(\.code) == [.nodeExists, .runtimeInconsistency])
            _ = try await client.multi([.create("/m/tx", data: bytes("q")), .delete("/m/tx")])
            let reads = try await client.multiRead([
                .getData("/m"), .getChildren("/m"), .getData("/none"), .getChildren("/none"),
            ])
            #expect(reads.map(\.code) == [nil, nil, .noNode, .noNode])
            #expect(try await client.multi([]) == [])
        }
    }
}

extension Result where Failure == ZooKeeperError {
    fileprivate var code: ErrorCode? {
        if case .failure(let error) = self { error.code } else { nil }
    }
}
