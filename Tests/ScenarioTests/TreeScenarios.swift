import Support
import Testing
import ZKClient
import ZKCore

@Suite(.timeLimit(.minutes(3))) struct TreeScenarios {
    @Test(arguments: Deployment.allCases)
    func theSixCoreOperations(_ deployment: Deployment) async throws {
        try await deployment.run { client, home in
            let path = home.appending("a")
            let (created, first) = try await client.createWithStat(path, data: bytes("one"))
            #expect(created == path)
            #expect(first.version == 0 && first.cversion == 0 && first.aversion == 0)
            #expect(first.czxid == first.mzxid && first.czxid == first.pzxid)
            #expect(first.ctimeMillis == first.mtimeMillis && first.dataLength == 3 && first.numChildren == 0)
            #expect(first.ephemeralOwner == 0)

            let (data, stat) = try await client.getData(path)
            #expect(data == bytes("one") && stat == first)
            let second = try await client.setData(path, data: bytes("three"), version: 0)
            #expect(second.version == 1 && second.mzxid > first.mzxid && second.czxid == first.czxid)
            #expect(second.dataLength == 5)
            #expect(try await client.exists(path) == second)

            try await client.create(home.appending("b"))
            let (children, parent) = try await client.getChildrenWithStat(home)
            #expect(children.sorted() == ["a", "b"])
            #expect(parent.numChildren == 2 && parent.cversion == 2 && parent.version == 0)

            try await client.delete(path, version: 1)
            #expect(try await client.exists(path) == nil)
            let after = try #require(try await client.exists(home))
            #expect(after.numChildren == 1 && after.cversion == 3 && after.pzxid > parent.pzxid)
        }
    }

    @Test(arguments: Deployment.allCases)
    func refusalsHaveTheirCodes(_ deployment: Deployment) async throws {
        try await deployment.run { client, home in
            let path = home.appending("a")
            try await client.create(path)
            await expectError(.nodeExists) { try await client.create(path) }
            await expectError(.noNode) { try await client.create(home.appending("x").appending("y")) }
            await expectError(.noNode) { try await client.getData(home.appending("x")) }
            await expectError(.noNode) { try await client.getChildren(home.appending("x")) }
            await expectError(.noNode) { try await client.setData(home.appending("x"), data: []) }
            await expectError(.noNode) { try await client.delete(home.appending("x")) }
            await expectError(.badVersion) { try await client.setData(path, data: [], version: 7) }
            await expectError(.badVersion) { try await client.delete(path, version: 7) }
            await expectError(.notEmpty) { try await client.delete(home) }
            await expectError(.badArguments) { try await client.delete("/zookeeper") }
            let ephemeral = home.appending("e")
            try await client.create(ephemeral, mode: .ephemeral)
            await expectError(.noChildrenForEphemerals) { try await client.create(ephemeral.appending("c")) }
            await expectError(.invalidACL) { try await client.create(home.appending("n"), acl: []) }
            #expect(try await client.getChildren(home).sorted() == ["a", "e"], "nothing half-done is left")
        }
    }

    @Test(arguments: Deployment.allCases)
    func sequentialNamesCountAllCreations(_ deployment: Deployment) async throws {
        try await deployment.run { client, home in
            let prefix = home.appending("n-")
            #expect(try await client.create(prefix, mode: .persistentSequential).name == "n-0000000000")
            try await client.create(home.appending("other"))
            try await client.delete(home.appending("other"))
            let third = try await client.create(prefix, mode: .ephemeralSequential)
            #expect(third.name == "n-0000000002", "ordinary creates count, deletes do not")
            #expect(try await client.exists(third)?.ephemeralOwner == client.session.id)
        }
    }

    @Test(arguments: Deployment.allCases)
    func sequentialNamesAreUniqueAmongClients(_ deployment: Deployment) async throws {
        try await deployment.run { client, home in
            let others = [try await deployment.client(), try await deployment.client()]
            let names = try await withThrowingTaskGroup { group in
                for client in others + [client] {
                    for _ in 0..<40 {
                        group.addTask {
                            try await client.create(home.appending("q-"), mode: .persistentSequential).name
                        }
                    }
                }
                return try await group.reduce(into: Set<String>()) { $0.insert($1) }
            }
            #expect(names.count == 120)
            #expect(names.max() == "q-0000000119")
            for client in others { await client.close() }
        }
    }

    @Test(arguments: Deployment.allCases)
    func nullAndEmptyDataDiffer(_ deployment: Deployment) async throws {
        try await deployment.run { client, home in
            try await client.create(home.appending("null"), data: nil)
            try await client.create(home.appending("empty"), data: [])
            let null = try await client.getData(home.appending("null"))
            let empty = try await client.getData(home.appending("empty"))
            #expect(null.data == nil && empty.data == [])
            #expect(null.stat.dataLength == 0 && empty.stat.dataLength == 0)
            try await client.setData(home.appending("empty"), data: nil)
            #expect(try await client.getData(home.appending("empty")).data == nil)
        }
    }

    @Test(arguments: Deployment.allCases)
    func namesAndDataAreBytes(_ deployment: Deployment) async throws {
        try await deployment.run { client, home in
            let every = (0...255).map(UInt8.init)
            for name in ["caf\u{e9}", "cafe\u{301}", "with blank", "\u{65e5}\u{672c}", "..x"] {
                try await client.create(home.appending(name), data: every + bytes(name))
            }
            let children = try await client.getChildren(home)
            #expect(Set(children.map { Array($0.utf8) }).count == 5, "canonically equal names are two znodes")
            for name in children {
                #expect(try await client.getData(home.appending(name)).data == every + bytes(name))
            }
        }
    }

    @Test(arguments: Deployment.allCases)
    func dataMayBeAlmostAMegabyte(_ deployment: Deployment) async throws {
        try await deployment.run { client, home in
            let large = [UInt8](repeating: 7, count: 1_000_000)
            let path = home.appending("large")
            try await client.create(path, data: large)
            #expect(try await client.getData(path).data == large)
            // Beyond jute.maxbuffer the server closes the connection: whether the write was done is unknown.
            await #expect(throws: ZooKeeperError.self) {
                try await client.setData(path, data: [UInt8](repeating: 8, count: 2_000_000))
            }
            #expect(try await client.getData(path).data == large, "the client is connected again")
        }
    }

    @Test(arguments: Deployment.allCases)
    func multisAreAllOrNothing(_ deployment: Deployment) async throws {
        try await deployment.run { client, home in
            let a = home.appending("a")
            let results = try await client.multi([
                .create(a, data: bytes("1")), .setData(a, data: bytes("2"), version: 0), .check(a, version: 1),
                .create(home.appending("s-"), mode: .persistentSequential), .delete(a, version: 1),
                .create(a, data: bytes("3")),
            ])
            #expect(results[3] == .create(path: home.appending("s-0000000001"), stat: nil))
            let (data, stat) = try await client.getData(a)
            #expect(data == bytes("3") && stat.version == 0)
            #expect(try await client.exists(home)?.pzxid == stat.czxid, "one zxid for all")

            let failed = try await client.multiResults([
                .create(home.appending("b")), .check(a, version: 5), .delete(a),
            ])
            let codes = failed.map { result -> ErrorCode in
                if case .failure(let error) = result { error.code } else { .ok }
            }
            #expect(codes == [.ok, .badVersion, .runtimeInconsistency] || codes[1] == .badVersion)
            #expect(try await client.getChildren(home).sorted() == ["a", "s-0000000001"])
            await expectError(.badVersion) { try await client.multi([.delete(a), .check(home, version: 9)]) }
            #expect(try await client.exists(a) != nil)
        }
    }

    @Test(arguments: Deployment.allCases)
    func readsOfAMultiReadFailOneByOne(_ deployment: Deployment) async throws {
        try await deployment.run { client, home in
            try await client.create(home.appending("a"), data: bytes("x"))
            let results = try await client.multiRead([
                .getData(home.appending("a")), .getData(home.appending("none")), .getChildren(home),
            ])
            if case .data(let data, let stat) = try results[0].get() {
                #expect(data == bytes("x") && stat.dataLength == 1)
            } else {
                Issue.record("no data")
            }
            await expectError(.noNode) { try results[1].get() }
            #expect(try results[2].get() == .children(["a"]))
        }
    }

    @Test(arguments: Deployment.allCases)
    func containersAndTTLZnodesLookPersistent(_ deployment: Deployment) async throws {
        try await deployment.run { client, home in
            let (container, stat) = try await client.createWithStat(home.appending("c"), mode: .container)
            #expect(stat.ephemeralOwner == 0)
            try await client.create(container.appending("child"))
            let (_, ttl) = try await client.createWithStat(
                home.appending("t"), mode: .persistentWithTTL, ttl: .seconds(3_600))
            #expect(ttl.ephemeralOwner == 0)
            let sequential = try await client.create(
                home.appending("s-"), mode: .persistentSequentialWithTTL, ttl: .seconds(3_600))
            #expect(sequential.name == "s-0000000002")
        }
    }

    @Test(arguments: Deployment.allCases)
    func countsDescendants(_ deployment: Deployment) async throws {
        try await deployment.run { client, home in
            #expect(try await client.getAllChildrenNumber(home) == 0)
            try await client.create(home.appending("a"))
            try await client.create(home.appending("a").appending("b"))
            try await client.create(home.appending("ab"))
            #expect(try await client.getAllChildrenNumber(home) == 3)
            #expect(try await client.getAllChildrenNumber(home.appending("a")) == 1)
            await expectError(.noNode) { try await client.getAllChildrenNumber(home.appending("x")) }
        }
    }

    @Test(arguments: Deployment.allCases)
    func chrootsHideWhatIsAbove(_ deployment: Deployment) async throws {
        try await deployment.run { client, home in
            let inside = try await deployment.client(chroot: home)
            try await inside.create("/a", data: bytes("x"))
            try await client.sync(home)
            #expect(try await client.getData(home.appending("a")).data == bytes("x"))
            #expect(try await inside.getChildren("/") == ["a"])
            await expectError(.noNode) { try await inside.getData(home) }
            await inside.close()
        }
    }

    /// Compare-and-set by version: every successful increment counts exactly once.
    @Test(arguments: Deployment.allCases)
    func versionsSerializeIncrements(_ deployment: Deployment) async throws {
        try await deployment.run { client, home in
            let path = home.appending("counter")
            try await client.create(path, data: bytes("0"))
            let others = [try await deployment.client(), try await deployment.client()]
            try await withThrowingTaskGroup { group in
                for client in others + [client] {
                    for _ in 0..<4 {
                        group.addTask {
                            for _ in 0..<5 { try await increment(path, client) }
                        }
                    }
                }
                try await group.waitForAll()
            }
            try await client.sync(path)
            let (data, stat) = try await client.getData(path)
            #expect(data == bytes("60") && stat.version == 60)
            for client in others { await client.close() }
        }
    }

    private func increment(_ path: ZnodePath, _ client: ZooKeeperClient) async throws {
        while true {
            let (data, stat) = try await client.getData(path)
            let number = try #require(Int(String(decoding: data ?? [], as: UTF8.self)))
            do {
                try await client.setData(path, data: bytes("\(number + 1)"), version: stat.version)
                return
            } catch let error as ZooKeeperError where error.code == .badVersion {
                continue
            }
        }
    }
}
