import NIOCore
import Support
import Testing
import ZKCore
import ZKServer
import ZKStore
import ZKWire

/// Directories whose numbers no server would write: they are served or refused, and nothing traps.
@Suite("Odd directories", .timeLimit(.minutes(10)))
struct OddDirectoryTests {
    private static let numbers: [Int64] = [.min, .min + 1, -1, 0, 1, 1 << 40, .max - 1, .max]

    private static func stat(_ number: Int64, owner: Int64) -> StatPersisted {
        let small = Int32(truncatingIfNeeded: number == .max - 1 ? Int64(Int32.max) : number)
        return StatPersisted(
            czxid: Zxid(rawValue: number), mzxid: Zxid(rawValue: number), ctimeMillis: number, mtimeMillis: number,
            version: small, cversion: small, aversion: small, ephemeralOwner: owner, pzxid: Zxid(rawValue: number))
    }

    private static func write(zxid: Int64, in path: String) throws {
        let directory = try DataDirectory.open(DataDirectoryOptions(dataDirectory: path))
        defer { directory.close() }
        let writer = try directory.makeSnapshotWriter(zxid: Zxid(rawValue: zxid))
        try writer.write(sessions: numbers.map { (id: $0, timeoutMillis: Int32(truncatingIfNeeded: $0)) })
        try writer.write(
            aclLists: numbers.map { (id: $0, acl: [ACL(perms: .all, scheme: "digest", id: UString("a:\($0)"))]) })
        var znodes = ByteBuffer()
        func add(_ path: String, list: Int64, _ stat: StatPersisted) {
            Array(path.utf8).withUnsafeBytes {
                SnapshotFormat.encodeZnode(path: $0, data: $0, aclID: list, stat: stat, into: &znodes)
            }
        }
        add("", list: -1, stat(.max, owner: 1))
        add("/parent", list: -1, stat(0, owner: 1))
        add("/parent/child", list: -1, stat(0, owner: 0))
        let owners = numbers + [EphemeralOwner.container, .ttl(millis: 1), .ttl(millis: 0)].map(\.rawValue)
        for number in numbers {
            for owner in owners { add("/n\(number)o\(owner)", list: -1, stat(number, owner: owner)) }
            add("/list\(number)", list: number, stat(number, owner: 0))
        }
        try writer.write(znodes: znodes)
        try writer.finish(trailers: SnapshotTrailers())
    }

    @Test(arguments: [0, 1 << 32, 0xFFFF_FFFF, Int64.max >> 1] as [Int64])
    func everythingCanBeAskedOfThem(zxid: Int64) async throws {
        let directory = try TemporaryDirectory()
        var configuration = ServerConfiguration()
        configuration.dataDirectory = directory.path("data")
        configuration.extendedTypesEnabled = true
        configuration.containerCheckMillis = 5
        configuration.containerNeverUsedMillisMax = 1
        configuration.tickMillis = 10
        configuration.fourLetterWords = ["*"]
        configuration.preallocationBytes = 0
        try Self.write(zxid: zxid, in: directory.path("data"))
        for _ in 0..<2 {
            let server = try await EmbeddedServer.start(configuration)
            for word in ["stat", "mntr", "dump", "cons", "srvr", "wchs", "hash", "conf"] {
                let client = try RawClient(port: server.port)
                try client.send(Array(word.utf8))
                _ = try client.receiveAll()
            }
            let client = try RawClient(port: server.port)
            try client.connect()
            let children = try client.ask(Requests.getChildren(1, "/")).decode(GetChildrenResponse.self).children
            for name in children where name != "zookeeper" {
                let path = UString(bytes: Array("/".utf8) + name.bytes)
                try client.ask(Requests.exists(2, path))
                try client.ask(Requests.create(3, UString(bytes: path.bytes + Array("/c".utf8))))
                try client.ask(
                    Requests.create(4, UString(bytes: path.bytes + Array("/s-".utf8)), mode: .persistentSequential))
                try client.ask(Requests.setData(5, path, [1]))
                let set = SetACLRequest(path: path, acl: [ACL(perms: .all, scheme: "ip", id: "127.0.0.1")], version: -1)
                try client.ask(Requests.request(6, .setACL, set))
                try client.ask(Requests.delete(7, UString(bytes: path.bytes + Array("/c".utf8))))
            }
            try client.ask(Requests.request(8, .getEphemerals, GetEphemeralsRequest(prefix: "/")))
            #expect(try client.ask(Requests.exists(9, "/")).header.err == .ok)
            try await server.shutdown()
        }
    }

    @Test(arguments: [Int64.max, Int64.max - 5] as [Int64])
    func aDirectoryWithoutZxidsLeftIsRefused(zxid: Int64) async throws {
        let directory = try TemporaryDirectory()
        try Self.write(zxid: zxid, in: directory.path("data"))
        var configuration = ServerConfiguration()
        configuration.dataDirectory = directory.path("data")
        configuration.extendedTypesEnabled = true
        let refused = configuration
        let error = await #expect(throws: StoreError.self) { _ = try await EmbeddedServer.start(refused) }
        #expect(error?.kind == .unusable)
    }
}
