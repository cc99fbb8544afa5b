import NIOCore
import Support
import Testing
import ZKCore
import ZKServer
import ZKWire

/// What other implementations of the protocol have got wrong, each by itself.
@Suite("Subtleties of the protocol", .timeLimit(.minutes(10)))
struct SubtletyTests {
    private static func start(_ change: (inout ServerConfiguration) -> Void = { _ in }) async throws -> EmbeddedServer {
        var configuration = ServerConfiguration()
        configuration.extendedTypesEnabled = true
        configuration.fourLetterWords = ["*"]
        change(&configuration)
        return try await EmbeddedServer.start(configuration)
    }

    private static func connected(_ server: EmbeddedServer) throws -> RawClient {
        let client = try RawClient(port: server.port)
        try client.connect()
        return client
    }

    private static func event(_ reply: Reply) throws -> WatcherEvent {
        #expect(reply.header.xid == XID.notification)
        return try reply.decode(WatcherEvent.self)
    }

    private static func digest(_ credentials: String) -> AuthPacket {
        AuthPacket(type: 0, scheme: "digest", auth: Array(credentials.utf8))
    }

    // MARK: Watches

    @Test func onlyExistsWatchesWhatIsMissing() async throws {
        let server = try await Self.start()
        let (client, other) = (try Self.connected(server), try Self.connected(server))
        #expect(try client.ask(Requests.getData(1, "/a", watch: true)).header.err == .noNode)
        #expect(try client.ask(Requests.getChildren(2, "/a", watch: true)).header.err == .noNode)
        #expect(try client.ask(Requests.exists(3, "/b", watch: true)).header.err == .noNode)
        #expect(try other.ask(Requests.create(1, "/a")).header.err == .ok)
        let created = try other.ask(Requests.create(2, "/b"))
        let event = try client.receive()
        #expect(event.header.zxid == created.header.zxid, "an event has the zxid of its txn")
        #expect(try Self.event(event).path == "/b", "and nobody watches /a")
        try await server.shutdown()
    }

    @Test func recursiveWatchesHearOfZnodesAndNotOfChildren() async throws {
        let server = try await Self.start()
        let client = try Self.connected(server)
        try client.ask(Requests.create(1, "/a"))
        let added = try client.ask(
            Requests.request(
                2, .addWatch, AddWatchRequest(path: "/a", mode: AddWatchMode.persistentRecursive.rawValue)))
        #expect(added.header.err == .ok)
        #expect(added.body.readableBytes == 4, "the reply has a number in it")
        try client.send(
            Requests.create(3, "/a/b") + Requests.setData(4, "/a/b", [1]) + Requests.delete(5, "/a/b")
                + Requests.exists(6, "/"))
        var events: [WatcherEvent] = []
        while true {
            let reply = try client.receive()
            if reply.header.xid == 6 { break }
            if reply.header.xid == XID.notification { events.append(try Self.event(reply)) }
        }
        #expect(events.map(\.type) == [1, 3, 2])
        #expect(events.allSatisfy { $0.path == "/a/b" })
        try await server.shutdown()
    }

    @Test func anEventThatMayNotBeSeenUsesItsWatchUp() async throws {
        let server = try await Self.start()
        let (owner, watcher) = (try Self.connected(server), try Self.connected(server))
        let everybody = [ACL(perms: .all, identity: .anyone)]
        let writers = [ACL(perms: [.write, .admin], identity: .anyone)]
        try owner.ask(Requests.create(1, "/a", acl: everybody))
        try watcher.ask(Requests.getData(1, "/a", watch: true))
        func setACL(_ acl: [ACL]) throws {
            let request = SetACLRequest(path: "/a", acl: acl, version: -1)
            #expect(try owner.ask(Requests.request(2, .setACL, request)).header.err == .ok)
        }
        try setACL(writers)
        try owner.ask(Requests.setData(3, "/a", [1]))
        try setACL(everybody)
        try owner.ask(Requests.setData(4, "/a", [2]))
        // Neither the change it might not see, nor the one after it.
        #expect(try watcher.ask(Requests.exists(2, "/")).header.xid == 2)
        try await server.shutdown()
    }

    @Test func watchesMayBeSetAgainUnderAnyXid() async throws {
        let server = try await Self.start()
        let client = try Self.connected(server)
        try client.ask(Requests.create(1, "/a"))
        let before = try client.ask(Requests.create(2, "/gone"))
        try client.ask(Requests.delete(3, "/gone"))
        let request = SetWatches(
            relativeZxid: before.header.zxid, dataWatches: ["/a", "/gone"], existWatches: [], childWatches: [])
        // Java's client numbers it as any other request.
        try client.send(Requests.request(4, .setWatches, request))
        let missed = try client.receive()
        #expect(missed.header.zxid.rawValue == -1, "what is caught up on has no zxid")
        #expect(try Self.event(missed) == WatcherEvent(type: 2, state: 3, path: "/gone"))
        #expect(try client.receive().header.xid == 4)
        try client.send(Requests.setData(5, "/a", [1]))
        #expect(try Self.event(try client.receive()).path == "/a")
        #expect(try client.receive().header.xid == 5)
        try await server.shutdown()
    }

    // MARK: Requests and replies

    @Test func everyCreateButTheOldOneAnswersAMultiAsCreate2() async throws {
        let server = try await Self.start()
        let client = try Self.connected(server)
        func create(_ path: UString, _ mode: CreateMode) -> CreateRequest {
            CreateRequest(path: path, data: [], acl: .openUnsafe, flags: mode.rawValue)
        }
        let reply = try client.ask(
            Requests.request(
                1, .multi,
                MultiRequest(ops: [
                    .create(type: .create, create("/old", .persistent)),
                    .create(type: .create2, create("/new", .persistent)),
                    .create(type: .createContainer, create("/container", .container)),
                    .createTTL(
                        CreateTTLRequest(
                            path: "/ttl", data: [], acl: .openUnsafe, flags: CreateMode.persistentWithTTL.rawValue,
                            ttlMillis: 60_000)),
                ])))
        #expect(reply.header.err == .ok)
        let bytes = Array(reply.body.readableBytesView)
        #expect(Array(bytes.prefix(4)) == [0, 0, 0, 1])
        let results = try reply.decode(MultiResponse.self).results
        let isNew = results.map { result in
            if case .create2(let response) = result { response.stat.ephemeralOwner == 0 } else { false }
        }
        #expect(isNew == [false, true, true, true], "and container and TTL znode look persistent")
        try await server.shutdown()
    }

    @Test func theFirstFaultDecides() async throws {
        let server = try await Self.start()
        let client = try Self.connected(server)
        try client.ask(Requests.create(1, "/a"))
        try client.ask(Requests.create(2, "/a/b"))
        let noACL = try client.ask(Requests.create(3, "/missing/x", acl: []))
        #expect(noACL.header.err == .invalidACL, "a bad list comes before a missing parent")
        #expect(try client.ask(Requests.delete(4, "/a", version: 9)).header.err == .badVersion)
        #expect(try client.ask(Requests.delete(5, "/a")).header.err == .notEmpty)
        #expect(try client.ask(Requests.create(6, "/a", acl: [])).header.err == .invalidACL)
        #expect(try client.ask(Requests.setData(7, "/missing", [], version: 9)).header.err == .noNode)
        #expect(try client.ask(Requests.exists(8, "relative")).header.err == .noNode)
        try await server.shutdown()
    }

    @Test func hashesOfOthersAreMasked() async throws {
        let server = try await Self.start()
        let (owner, stranger) = (try Self.connected(server), try Self.connected(server))
        try owner.ask(Requests.request(XID.auth, .auth, Self.digest("joe:secret")))
        let acl = [
            ACL(
                perms: .all, scheme: "digest", id: UString(ServerConfiguration.digest(user: "joe", password: "secret"))),
            ACL(perms: .read, identity: .anyone),
        ]
        try owner.ask(Requests.create(1, "/a", acl: acl))
        func ask(_ client: RawClient) throws -> [ACL] {
            try client.ask(Requests.request(2, .getACL, GetACLRequest(path: "/a"))).decode(GetACLResponse.self).acl
        }
        #expect(try ask(owner) == acl)
        #expect(try ask(stranger).map(\.identity.id) == ["joe:x", "anyone"])
        try await server.shutdown()
    }

    @Test func repliesMayBeLongerThanRequests() async throws {
        let server = try await Self.start { $0.frameBytesMax = 4096 }
        let client = try Self.connected(server)
        try client.ask(Requests.create(1, "/p"))
        for number in 0..<100 as Range<Int32> {
            try client.ask(
                Requests.create(number, UString("/p/a-rather-long-name-so-that-a-hundred-make-more-\(number)")))
        }
        let reply = try client.ask(Requests.getChildren(1, "/p"))
        #expect(reply.body.readableBytes > 4096)
        #expect(try reply.decode(GetChildrenResponse.self).children.count == 100)
        try await server.shutdown()
    }

    @Test func withinASessionFourLettersAreALength() async throws {
        let server = try await Self.start()
        let client = try Self.connected(server)
        try client.send(Array("ruok".utf8))
        #expect(try client.receiveFrame() == nil, "a frame of 1.9 GB is refused, and no imok comes")
        let other = try RawClient(port: server.port)
        try other.send(Array("ruok".utf8))
        #expect(try other.receiveAll() == Array("imok".utf8))
        try await server.shutdown()
    }

    // MARK: Sessions

    @Test func anExpiredSessionIsCutOffWithoutAWord() async throws {
        let server = try await Self.start {
            $0.tickMillis = 50
            $0.sessionTimeoutMillisMin = 100
        }
        let client = try RawClient(port: server.port)
        try client.connect(timeoutMillis: 100)
        try client.ask(Requests.create(1, "/mine", mode: .ephemeral))
        #expect(try client.receiveFrame() == nil, "not even the reply to a closeSession")
        let other = try Self.connected(server)
        #expect(try other.ask(Requests.exists(1, "/mine")).header.err == .noNode)
        try await server.shutdown()
    }

    @Test func aClosedSessionIsAnswered() async throws {
        let server = try await Self.start()
        let client = try Self.connected(server)
        #expect(try client.ask(Requests.request(1, .closeSession)).header.err == .ok)
        #expect(try client.receiveFrame() == nil)
        try await server.shutdown()
    }

    /// A connect request of old clients has no byte for read-only sessions, and its response must not have one.
    @Test(arguments: [true, false])
    func theResponseHasTheByteThatTheRequestHad(hasByte: Bool) async throws {
        let server = try await Self.start()
        let client = try RawClient(port: server.port)
        var frame = Requests.connect()
        if !hasByte {
            frame.removeLast()
            frame[3] -= 1
        }
        try client.send(frame)
        #expect(try client.receiveFrame()?.count == (hasByte ? 41 : 40))
        try await server.shutdown()
    }

    // MARK: Counts

    @Test func srvrCountsTheRootTwiceAndWchsNoChildWatches() async throws {
        let server = try await Self.start()
        let client = try Self.connected(server)
        try client.ask(Requests.create(1, "/a"))
        try client.ask(Requests.getChildren(2, "/a", watch: true))
        func ask(_ word: String) throws -> String {
            let asker = try RawClient(port: server.port)
            try asker.send(Array(word.utf8))
            return String(decoding: try asker.receiveAll(), as: UTF8.self)
        }
        // "", "/", /a, /zookeeper, quota and config.
        #expect(try ask("srvr").contains("Node count: 6\n"))
        #expect(try ask("wchs").contains("Total watches:0"))
        try client.ask(Requests.getData(3, "/a", watch: true))
        #expect(try ask("wchs").contains("Total watches:1"))
        try await server.shutdown()
    }

    @Test func theStatsOfAQuotaChangeByThemselves() async throws {
        let server = try await Self.start()
        let client = try Self.connected(server)
        for path in ["/a", "/zookeeper/quota/a"] as [UString] { try client.ask(Requests.create(1, path)) }
        let limits = Array("count=9,bytes=-1=;byteHardLimit=-1;countHardLimit=-1".utf8)
        try client.ask(Requests.create(2, "/zookeeper/quota/a/zookeeper_limits", data: limits))
        let stats: UString = "/zookeeper/quota/a/zookeeper_stats"
        let made = try client.ask(Requests.create(3, stats, data: Array("count=0,bytes=0".utf8)))
        try client.ask(Requests.getData(4, stats, watch: true))
        try client.ask(Requests.create(5, "/a/b", data: [1, 2, 3]))
        // No event came before this reply.
        let reply = try client.ask(Requests.getData(6, stats))
        #expect(reply.header.xid == 6)
        let now = try reply.decode(GetDataResponse.self)
        #expect(now.data == Array("count=2,bytes=3".utf8))
        #expect(now.stat.version == 0)
        #expect(now.stat.mzxid == made.header.zxid)
        try await server.shutdown()
    }
}
