import Foundation
import NIOCore
import Support
import Testing
import ZKCore
import ZKServer
import ZKStore
import ZKWire

/// Whatever a client asks for, the server goes on, and starts again from what it has written.
@Suite("A server that starts again", .timeLimit(.minutes(10)))
struct RestartTests {
    private static func configuration(_ directory: TemporaryDirectory) -> ServerConfiguration {
        var configuration = ServerConfiguration()
        configuration.dataDirectory = directory.path("data")
        configuration.preallocationBytes = 64 << 10
        configuration.connectionsPerAddressMax = 0
        configuration.sessionTimeoutMillisMax = 3_600_000
        return configuration
    }

    /// A setData without a body.
    private static let undecodable = Requests.request(1, .setData)

    @Test func undecodableRequestsDoNotTouchTheLog() async throws {
        let directory = try TemporaryDirectory()
        var configuration = Self.configuration(directory)
        configuration.snapCount = 2
        let server = try await EmbeddedServer.start(configuration)
        let client = try RawClient(port: server.port)
        try client.connect()
        let last = try client.ask(Requests.create(1, "/a")).header.zxid
        for _ in 0..<200 {
            try client.send(Self.undecodable + Self.undecodable)
            for _ in 0..<2 {
                let header = try client.receive().header
                #expect(header.err == .marshallingError)
                #expect(header.zxid == last)
            }
        }
        #expect(try client.ask(Requests.create(2, "/b")).header.zxid == last.next)
        try await server.shutdown()

        let second = try await EmbeddedServer.start(configuration)
        let reader = try RawClient(port: second.port)
        try reader.connect()
        #expect(try reader.ask(Requests.exists(1, "/b")).header.err == .ok)
        try await second.shutdown()
    }

    /// Nothing was logged since the start: the log would be created for it.
    @Test func anUndecodableRequestMayBeTheFirstAfterAStart() async throws {
        let directory = try TemporaryDirectory()
        let configuration = Self.configuration(directory)
        let first = try await EmbeddedServer.start(configuration)
        let client = try RawClient(port: first.port)
        let session = try client.connect(timeoutMillis: 3_600_000)
        try await first.shutdown()
        for _ in 0..<2 {
            let server = try await EmbeddedServer.start(configuration)
            let again = try RawClient(port: server.port)
            try again.connect(sessionID: session.sessionID, password: session.password ?? [])
            #expect(try again.ask(Self.undecodable).header.err == .marshallingError)
            #expect(try again.ask(Requests.exists(2, "/")).header.err == .ok)
            try await server.shutdown()
        }
    }

    @Test func aSessionWithMoreEphemeralsThanARecordTakesIsClosedForGood() async throws {
        let directory = try TemporaryDirectory()
        var configuration = Self.configuration(directory)
        configuration.frameBytesMax = 4096
        let first = try await EmbeddedServer.start(configuration)
        let client = try RawClient(port: first.port)
        try client.connect()
        let name = String(repeating: "e", count: 1000)
        for number in 0..<20 as Range<Int32> {
            #expect(
                try client.ask(Requests.create(number, UString("/\(name)\(number)"), mode: .ephemeral)).header.err
                    == .ok)
        }
        #expect(try client.ask(Requests.request(99, .closeSession)).header.err == .ok)
        try await first.shutdown()

        let second = try await EmbeddedServer.start(configuration)
        let reader = try RawClient(port: second.port)
        try reader.connect()
        let children = try reader.ask(Requests.getChildren(1, "/")).decode(GetChildrenResponse.self).children
        #expect(children == ["zookeeper"])
        try await second.shutdown()
    }

    @Test func aSmallerLimitReadsWhatALargerOneLetIn() async throws {
        let directory = try TemporaryDirectory()
        var configuration = Self.configuration(directory)
        configuration.frameBytesMax = 2 << 20
        let first = try await EmbeddedServer.start(configuration)
        let client = try RawClient(port: first.port)
        try client.connect()
        let data = [UInt8](repeating: 7, count: 1_500_000)
        #expect(try client.ask(Requests.create(1, "/large", data: data)).header.err == .ok)
        try await first.shutdown()
        configuration.frameBytesMax = 4096
        // From the log, and then from the snapshot that the first of these takes.
        for _ in 0..<2 {
            let server = try await EmbeddedServer.start(configuration)
            let reader = try RawClient(port: server.port)
            try reader.connect()
            #expect(try reader.ask(Requests.getData(1, "/large")).decode(GetDataResponse.self).data == data)
            try await server.shutdown()
        }
    }

    // MARK: Directories that cannot be used as configured

    @Test func aDirectoryWithTTLZnodesIsRefusedWhereTheyAreOff() async throws {
        let directory = try TemporaryDirectory()
        var configuration = Self.configuration(directory)
        configuration.extendedTypesEnabled = true
        let first = try await EmbeddedServer.start(configuration)
        let client = try RawClient(port: first.port)
        try client.connect()
        let create = CreateTTLRequest(path: "/t", data: [1], acl: .openUnsafe, flags: 5, ttlMillis: 3_600_000)
        #expect(try client.ask(Requests.request(1, .createTTL, create)).header.err == .ok)
        #expect(try client.ask(Requests.create(2, "/e", mode: .ephemeral)).header.err == .ok)
        try await first.shutdown()

        configuration.extendedTypesEnabled = false
        let refused = configuration
        let error = await #expect(throws: StoreError.self) { _ = try await EmbeddedServer.start(refused) }
        #expect(error?.kind == .unusable)
        #expect(error?.description.contains("/t has a TTL") == true)
        #expect(error?.description.contains("extendedTypesEnabled=true") == true)

        configuration.extendedTypesEnabled = true
        let second = try await EmbeddedServer.start(configuration)
        let reader = try RawClient(port: second.port)
        try reader.connect()
        #expect(try reader.ask(Requests.exists(1, "/t")).header.err == .ok)
        #expect(try reader.ask(Requests.delete(2, "/t")).header.err == .ok)
        try await second.shutdown()

        // Without such znodes the setting is of no matter; an ephemeral one is none.
        configuration.extendedTypesEnabled = false
        let third = try await EmbeddedServer.start(configuration)
        try await third.shutdown()
    }

    @Test func aGapIsAcceptedWhenTold() async throws {
        let directory = try TemporaryDirectory()
        var configuration = Self.configuration(directory)
        configuration.extendedTypesEnabled = true
        configuration.dataDirectory = try directory.copy(ofFixture: "datadirs/gap-after-snapshot", as: "data")
        let refused = configuration
        let error = await #expect(throws: StoreError.self) { _ = try await EmbeddedServer.start(refused) }
        #expect(error?.kind == .gap)
        #expect(error?.description.contains("--accept-gap") == true)
        configuration.acceptsGap = true
        let server = try await EmbeddedServer.start(configuration)
        let client = try RawClient(port: server.port)
        try client.connect()
        #expect(try client.ask(Requests.create(1, "/after")).header.err == .ok)
        try await server.shutdown()
    }

    // MARK: Lists that grow beyond their requests

    private static let auth = [ACL(perms: .all, scheme: "auth", id: "")]

    private static func authenticate(_ client: RawClient, count: Int, nameBytes: Int) throws {
        for number in 0..<count {
            let name = String(repeating: "n", count: nameBytes) + "\(number):p"
            let packet = AuthPacket(type: 0, scheme: "digest", auth: Array(name.utf8))
            try #require(try client.ask(Requests.request(XID.auth, .auth, packet)).header.err == .ok)
        }
    }

    @Test func listsThatCouldNotBeReadBackAreRefused() async throws {
        let directory = try TemporaryDirectory()
        var configuration = Self.configuration(directory)
        configuration.frameBytesMax = 16 << 10
        let first = try await EmbeddedServer.start(configuration)
        let client = try RawClient(port: first.port)
        try client.connect()
        #expect(try client.ask(Requests.create(1, "/plain")).header.err == .ok)
        try Self.authenticate(client, count: 2, nameBytes: 8000)
        let fits = try client.ask(Requests.create(2, "/fits", acl: Self.auth))
        #expect(fits.header.err == .ok)
        try Self.authenticate(client, count: 3, nameBytes: 8001)
        #expect(try client.ask(Requests.create(3, "/a", acl: Self.auth)).header.err == .invalidACL)
        let set = SetACLRequest(path: "/plain", acl: Self.auth, version: -1)
        #expect(try client.ask(Requests.request(4, .setACL, set)).header.err == .invalidACL)
        // Bytes that are not UTF-8 become three each.
        let odd = [
            ACL(
                perms: .all, scheme: "digest",
                id: UString(bytes: Array("u:".utf8) + [UInt8](repeating: 0xFF, count: 12_000)))
        ]
        #expect(try client.ask(Requests.create(5, "/odd", acl: odd)).header.err == .invalidACL)
        try await first.shutdown()

        let second = try await EmbeddedServer.start(configuration)
        let reader = try RawClient(port: second.port)
        try reader.connect()
        #expect(try reader.ask(Requests.exists(1, "/a")).header.err == .noNode)
        #expect(try reader.ask(Requests.exists(2, "/fits")).header.err == .noAuth)
        #expect(try reader.ask(Requests.create(3, "/next")).header.err == .ok)
        try await second.shutdown()
    }

    @Test func aMultiOfSuchListsIsRefusedAsAWhole() async throws {
        let directory = try TemporaryDirectory()
        var configuration = Self.configuration(directory)
        configuration.frameBytesMax = 64 << 10
        let first = try await EmbeddedServer.start(configuration)
        let client = try RawClient(port: first.port)
        try client.connect()
        try Self.authenticate(client, count: 10, nameBytes: 1000)
        let ops = (0..<500).map { number in
            MultiRequest.Op.create(
                type: .create, CreateRequest(path: UString("/n\(number)"), data: [], acl: Self.auth, flags: 0))
        }
        for round in 0..<3 as Range<Int32> {
            let reply = try client.ask(Requests.request(round, .multi, MultiRequest(ops: ops)))
            let codes = try reply.decode(MultiResponse.self).results.map { result in
                if case .error(let code) = result { return code }
                return .apiError
            }
            #expect(codes.count == 500)
            #expect(codes.first == .ok && codes.last == .runtimeInconsistency)
            #expect(codes.filter { $0 == .invalidACL }.count == 1)
        }
        let few = MultiRequest(ops: Array(ops.prefix(5)))
        #expect(try client.ask(Requests.request(9, .multi, few)).decode(MultiResponse.self).results.count == 5)
        try await first.shutdown()

        let second = try await EmbeddedServer.start(configuration)
        let reader = try RawClient(port: second.port)
        try reader.connect()
        let children = try reader.ask(Requests.getChildren(1, "/")).decode(GetChildrenResponse.self).children
        #expect(children.count == 6)
        try await second.shutdown()
    }

    @Test func identitiesAreLimitedInBytes() async throws {
        let server = try await EmbeddedServer.start(ServerConfiguration())
        let client = try RawClient(port: server.port)
        try client.connect()
        try Self.authenticate(client, count: 3, nameBytes: 20_000)
        let packet = AuthPacket(
            type: 0, scheme: "digest", auth: [UInt8](repeating: 0x61, count: 20_000) + Array(":p".utf8))
        #expect(try client.ask(Requests.request(XID.auth, .auth, packet)).header.err == .authFailed)
        try await server.shutdown()
    }

    @Test func namesOfChildrenBeyondWhatMayBeUnreadCloseTheConnection() async throws {
        var configuration = ServerConfiguration()
        configuration.unreadReplyBytesMax = 100_000
        let server = try await EmbeddedServer.start(configuration)
        let client = try RawClient(port: server.port)
        try client.connect()
        for number in 0..<12 as Range<Int32> {
            let name = String(repeating: "c", count: 10_000)
            #expect(try client.ask(Requests.create(number, UString("/\(name)\(number)"))).header.err == .ok)
        }
        try client.send(Requests.getChildren(20, "/"))
        #expect(try client.receiveFrame() == nil)
        let other = try RawClient(port: server.port)
        try other.connect()
        #expect(try other.ask(Requests.exists(1, "/")).header.err == .ok)
        try await server.shutdown()
    }
}
