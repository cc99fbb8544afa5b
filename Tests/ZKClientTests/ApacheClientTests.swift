import Support
import Testing
import ZKClient
import ZKCore

/// The client against a real server: each operation once, and what it promises.
@Suite(.timeLimit(.minutes(2)))
struct ApacheClientTests {
    private func withClient(
        chroot: String = "", _ configure: (inout ClientConfiguration) -> Void = { _ in },
        _ body: (ZooKeeperClient) async throws -> Void
    ) async throws {
        let server = try await ApacheServer.shared()
        var configuration = ClientConfiguration(
            connectString: try ConnectString(server.connectString + chroot))
        configure(&configuration)
        let client = ZooKeeperClient(configuration: configuration)
        try await client.waitUntilConnected(timeout: .seconds(20))
        try await body(client)
        await client.close()
        #expect(client.state == .closed)
    }

    /// A new persistent znode for one test.
    private func makeHome(_ client: ZooKeeperClient) async throws -> ZnodePath {
        try await client.create("/client-", mode: .persistentSequential)
    }

    @Test func createsReadsChangesAndDeletes() async throws {
        try await withClient { client in
            let home = try await makeHome(client)
            let path = home.appending("a")
            #expect(try await client.create(path, data: Array("one".utf8)) == path)
            let (data, stat) = try await client.getData(path)
            #expect(data == Array("one".utf8))
            #expect(stat.version == 0)
            let changed = try await client.setData(path, data: nil, version: 0)
            #expect(changed.version == 1)
            #expect(try await client.getData(path).data == nil)
            #expect(try await client.getChildren(home) == ["a"])
            let (children, parent) = try await client.getChildrenWithStat(home)
            #expect(children == ["a"] && parent.numChildren == 1)
            try await client.delete(path, version: 1)
            #expect(try await client.exists(path) == nil)
            #expect(client.session.lastZxid > changed.mzxid, "the delete came later")
        }
    }

    @Test func errorsNameTheWayOut() async throws {
        try await withClient { client in
            let home = try await makeHome(client)
            let error = await #expect(throws: ZooKeeperError.self) {
                try await client.create(home.appending("x").appending("y"))
            }
            #expect(error?.code == .noNode)
            #expect(
                error?.message
                    == "create \(home)/x/y: there is no znode \(home)/x (NoNode, -101). Create \(home)/x first.")
            #expect(error?.isOutcomeUnknown == false)
        }
    }

    @Test func pathsAreRelativeToTheChroot() async throws {
        var home = ZnodePath.root
        try await withClient { client in
            home = try await makeHome(client)
        }
        try await withClient(chroot: home.string) { client in
            #expect(try await client.create("/a") == "/a")
            #expect(try await client.getChildren("/") == ["a"])
            let sequential = try await client.create(.root, mode: .persistentSequential)
            #expect(sequential == "/0000000001")
            let (_, _, watch) = try await client.getDataAndWatch("/a")
            try await client.setData("/a", data: [1])
            #expect(try await watch.event().path == "/a")
            let error = await #expect(throws: ZooKeeperError.self) { try await client.delete("/") }
            #expect(error?.code == .badArguments)
        }
    }

    @Test func multiIsAllOrNothing() async throws {
        try await withClient { client in
            let home = try await makeHome(client)
            let results = try await client.multi([
                .create(home.appending("a")), .setData(home.appending("a"), data: [7]),
                .check(home.appending("a"), version: 1), .create(home.appending("c"), mode: .container),
                .delete(home.appending("a")),
            ])
            #expect(results[0] == .create(path: home.appending("a"), stat: nil))
            #expect(results[2] == .check && results[4] == .delete)
            let error = await #expect(throws: ZooKeeperError.self) {
                try await client.multi([.create(home.appending("b")), .delete(home.appending("none"))])
            }
            #expect(error?.code == .noNode && error?.path == home.appending("none"))
            #expect(try await client.exists(home.appending("b")) == nil)
            #expect(try await client.multi([]).isEmpty)
            let reads = try await client.multiRead([.getData(home.appending("c")), .getChildren(home.appending("x"))])
            #expect(throws: Never.self) { try reads[0].get() }
            #expect(throws: ZooKeeperError.self) { try reads[1].get() }
        }
    }

    @Test func watchesTellOfChanges() async throws {
        try await withClient { client in
            let home = try await makeHome(client)
            let path = home.appending("a")
            let (stat, created) = try await client.existsAndWatch(path)
            #expect(stat == nil)
            // On another znode: a server before 3.9 keeps one mode for all watches of a client on one path.
            let other = try await makeHome(client)
            let (_, _, children) = try await client.getChildrenAndWatch(other)
            let sequence = try await client.watch(home, mode: .persistentRecursive)
            #expect(client.armedWatches.map(\.kind) == [.persistentRecursive, .exist, .children])
            try await client.create(path)
            #expect(try await created.event().type == .nodeCreated)
            try await client.create(home.appending("b"))
            try await client.setData(path, data: [1])
            try await client.delete(path)
            try await client.create(other.appending("c"))
            #expect(try await children.event().type == .nodeChildrenChanged)
            var iterator = sequence.makeAsyncIterator()
            for (type, name) in [
                (EventType.nodeCreated, "a"), (.nodeCreated, "b"), (.nodeDataChanged, "a"), (.nodeDeleted, "a"),
            ] {
                guard case .event(let event)? = try await iterator.next() else {
                    Issue.record("no event")
                    return
                }
                #expect(event.type == type && event.path == home.appending(name))
            }
            #expect(client.armedWatches == [ArmedWatch(path: home, kind: .persistentRecursive)])
        }
    }

    @Test func aThousandCallsKeepTheirOrder() async throws {
        try await withClient({ $0.outstandingRequestsMax = 64 }) { client in
            let home = try await makeHome(client)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<1000 {
                    group.addTask {
                        try await client.create(home.appending("n\(index)"))
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await client.getAllChildrenNumber(home) == 1000)
        }
    }

    @Test func unreachableHostsAreNamed() async throws {
        let port = try Loopback.freePort()
        let client = ZooKeeperClient(
            configuration: ClientConfiguration(connectString: try ConnectString("127.0.0.1:\(port)")))
        let error = await #expect(throws: ZooKeeperError.self) {
            try await client.waitUntilConnected(timeout: .seconds(1))
        }
        #expect(error?.message.contains("127.0.0.1:\(port): connection refused") == true, "\(error?.message ?? "")")
        await client.close()
    }
}
