import Foundation
import Support
import Testing
import ZKCore
import ZKServer
import ZKStore
import ZKWire

@Suite("A server with a data directory", .timeLimit(.minutes(10)))
struct PersistenceTests {
    private static func configuration(_ directory: TemporaryDirectory) -> ServerConfiguration {
        var configuration = ServerConfiguration()
        configuration.dataDirectory = directory.path("data")
        configuration.preallocationBytes = 64 << 10
        configuration.connectionsPerAddressMax = 0
        configuration.extendedTypesEnabled = true
        return configuration
    }

    @Test func serversTheSameTreeAfterARestart() async throws {
        let directory = try TemporaryDirectory()
        let first = try await EmbeddedServer.start(Self.configuration(directory))
        let client = try RawClient(port: first.port)
        let session = try client.connect()
        try client.ask(Requests.create(1, "/a", data: [1, 2, 3]))
        try client.ask(Requests.create(2, "/a/s-", mode: .persistentSequential))
        try client.ask(Requests.create(3, "/e", mode: .ephemeral))
        let missing = try client.ask(Requests.create(4, "/no/parent"))
        #expect(missing.header.err == .noNode)
        let before = try client.ask(Requests.setData(5, "/a", nil))
        try await first.shutdown()

        let second = try await EmbeddedServer.start(Self.configuration(directory))
        let again = try RawClient(port: second.port)
        let resumed = try again.connect(sessionID: session.sessionID, password: session.password ?? [])
        #expect(resumed.sessionID == session.sessionID)
        let data = try again.ask(Requests.getData(1, "/a"))
        #expect(data.header.zxid == before.header.zxid)
        let response = try data.decode(GetDataResponse.self)
        #expect(response.data == nil)
        #expect(response.stat.version == 1)
        #expect(response.stat.cversion == 1)
        #expect(try again.ask(Requests.exists(2, "/e")).header.err == .ok)
        let next = try again.ask(Requests.create(3, "/a/s-", mode: .persistentSequential))
        #expect(next.header.zxid == before.header.zxid.next)
        #expect(try next.decode(CreateResponse.self).path == "/a/s-0000000001")
        try await second.shutdown()
    }

    @Test func keepsEveryKindOfTxn() async throws {
        let directory = try TemporaryDirectory()
        let server = try await EmbeddedServer.start(Self.configuration(directory))
        let client = try RawClient(port: server.port)
        try client.connect()
        let digest = ACL(perms: .all, scheme: "digest", id: "a:b")
        try client.ask(
            Requests.request(
                1, .createContainer, CreateRequest(path: "/c", data: nil, acl: .openUnsafe, flags: 4)))
        try client.ask(
            Requests.request(
                2, .createTTL,
                CreateTTLRequest(path: "/t", data: [1], acl: [digest], flags: 5, ttlMillis: 1_000_000)))
        try client.ask(
            Requests.request(
                3, .multi,
                MultiRequest(ops: [
                    .create(type: .create2, CreateRequest(path: "/m", data: [2], acl: .openUnsafe, flags: 0)),
                    .setData(SetDataRequest(path: "/m", data: [3], version: 0)),
                    .check(CheckVersionRequest(path: "/m", version: 1)),
                    .create(type: .create, CreateRequest(path: "/m/x", data: [], acl: .openUnsafe, flags: 0)),
                    .delete(DeleteRequest(path: "/m/x", version: -1)),
                ])))
        let failed = try client.ask(
            Requests.request(
                4, .multi,
                MultiRequest(ops: [
                    .create(type: .create, CreateRequest(path: "/gone", data: [], acl: .openUnsafe, flags: 0)),
                    .setData(SetDataRequest(path: "/m", data: [4], version: -1)),
                    .delete(DeleteRequest(path: "/none", version: -1)),
                    .delete(DeleteRequest(path: "/m", version: -1)),
                ])))
        let codes = try failed.decode(MultiResponse.self).results.map { result in
            if case .error(let code) = result { return code }
            return .apiError
        }
        #expect(codes == [.ok, .ok, .noNode, .runtimeInconsistency])
        try client.ask(
            Requests.request(
                5, .setACL, SetACLRequest(path: "/m", acl: [ACL(perms: .all, identity: .anyone), digest], version: 0)))
        let last = try client.ask(Requests.request(6, .closeSession))
        try await server.shutdown()

        // The log as the store reads it: whole, and with the digests that Apache would compute.
        let data = try DataDirectory.open(DataDirectoryOptions(dataDirectory: directory.path("data")))
        var log = LoggedTxns()
        let report = try data.recover(into: &log)
        data.close()
        #expect(report.lastZxid == last.header.zxid)
        #expect(log.types == [.createSession, .createContainer, .createTTL, .multi, .multi, .setACL, .closeSession])
        #expect(log.parts == [[.create2, .setData, .check, .create, .delete], [.create, .setData, .error, .error]])

        let second = try await EmbeddedServer.start(Self.configuration(directory))
        let reader = try RawClient(port: second.port)
        try reader.connect()
        #expect(try reader.ask(Requests.getData(1, "/m")).decode(GetDataResponse.self).data == [3])
        #expect(try reader.ask(Requests.exists(2, "/gone")).header.err == .noNode)
        #expect(try reader.ask(Requests.getData(3, "/t")).header.err == .noAuth)
        try await second.shutdown()
    }

    /// Remembers what kinds of txns a log has.
    private struct LoggedTxns: RecoverySink {
        var types: [OpCode] = []
        var parts: [[OpCode]] = []

        mutating func reset() {}
        mutating func session(id: Int64, timeoutMillis: Int32) {}
        mutating func aclList(id: Int64, _ acl: [ACL]) {}
        mutating func znode(
            path: UnsafeRawBufferPointer, data: UnsafeRawBufferPointer?, aclID: Int64, stat: StatPersisted
        ) throws(RecoveryRefusal) {}
        mutating func snapshotLoaded(zxid: Zxid, trailers: SnapshotTrailers) {}

        mutating func replay(_ header: TxnHeader, _ txn: Txn, _ digest: TxnDigest?) throws(RecoveryRefusal) {
            types.append(header.type)
            if case .multi(let parts) = txn { self.parts.append(parts.map(\.type)) }
        }
    }

    @Test func takesSnapshotsWhileWritesGoOn() async throws {
        let directory = try TemporaryDirectory()
        var configuration = Self.configuration(directory)
        configuration.snapCount = 100
        let server = try await EmbeddedServer.start(configuration)
        let client = try RawClient(port: server.port)
        try client.connect()
        for round in 0..<20 {
            var frames: [UInt8] = []
            for number in 0..<50 {
                frames += Requests.create(Int32(number), UString("/n-\(round)-\(number)"), data: [UInt8(number)])
            }
            try client.send(frames)
            for _ in 0..<50 { #expect(try client.receive().header.err == .ok) }
        }
        try await server.shutdown()
        let files = try FileManager.default.contentsOfDirectory(atPath: directory.path("data/version-2"))
        #expect(files.filter { $0.hasPrefix("snapshot.") }.count > 1)
        #expect(files.filter { $0.hasPrefix("log.") }.count > 1)

        let second = try await EmbeddedServer.start(configuration)
        let reader = try RawClient(port: second.port)
        try reader.connect()
        let children = try reader.ask(Requests.getChildren(1, "/")).decode(GetChildrenResponse.self)
        #expect(children.children.count == 1001)
        try await second.shutdown()
    }

    /// `txnLogSizeLimitInKb`: the next file begins, and no snapshot is taken for that.
    @Test func aLogFileHasALimit() async throws {
        let directory = try TemporaryDirectory()
        var configuration = Self.configuration(directory)
        configuration.logFileBytesMax = 10 << 10
        let server = try await EmbeddedServer.start(configuration)
        let client = try RawClient(port: server.port)
        try client.connect()
        let data = [UInt8](repeating: 7, count: 1000)
        for number in 0..<60 as Range<Int32> {
            #expect(try client.ask(Requests.create(number, UString("/n-\(number)"), data: data)).header.err == .ok)
        }
        try await server.shutdown()
        let path = directory.path("data/version-2")
        let files = try FileManager.default.contentsOfDirectory(atPath: path)
        let logs = files.filter { $0.hasPrefix("log.") }
        #expect((5...8).contains(logs.count), "\(files.sorted())")
        #expect(files.filter { $0.hasPrefix("snapshot.") } == ["snapshot.0"])
        for log in logs {
            let size = try FileManager.default.attributesOfItem(atPath: "\(path)/\(log)")[.size] as? Int ?? 0
            #expect(size <= (10 << 10) + 1200, "\(log)")
        }
        let second = try await EmbeddedServer.start(configuration)
        let reader = try RawClient(port: second.port)
        try reader.connect()
        let children = try reader.ask(Requests.getChildren(1, "/")).decode(GetChildrenResponse.self)
        #expect(children.children.count == 61)
        try await second.shutdown()
    }

    @Test func refusesADirectoryInUse() async throws {
        let directory = try TemporaryDirectory()
        let server = try await EmbeddedServer.start(Self.configuration(directory))
        await #expect(throws: StoreError.self) { _ = try await EmbeddedServer.start(Self.configuration(directory)) }
        try await server.shutdown()
    }
}
