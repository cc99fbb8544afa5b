import Support
import Testing
import ZKClient
import ZKCore
import ZKWire

/// The names of children are appended to paths, here and on the local disk: a server may not lead elsewhere by them.
@Suite(.timeLimit(.minutes(1))) struct ChildNameTests {
    @Test(arguments: ["", ".", "..", "a/b", "/", "../etc"])
    func aNameThatLeadsElsewhereIsRefused(_ name: String) async throws {
        let server = try await ScriptedServer.start()
        let client = ZooKeeperClient(
            configuration: ClientConfiguration(connectString: try ConnectString(server.connectString)))
        let (connection, _) = try await server.acceptSession()
        let names = [UString("fine"), UString(name)]

        let plain = Task { try await client.getChildren("/a") }
        let first = try await connection.request(.getChildren)
        connection.reply(to: first, GetChildrenResponse(children: names))
        await expectRefusal { try await plain.value }

        let withStat = Task { try await client.getChildrenWithStat("/a") }
        let second = try await connection.request(.getChildren2)
        connection.reply(to: second, GetChildren2Response(children: names, stat: Stat()))
        await expectRefusal { try await withStat.value }

        let several = Task { try await client.multiRead([.getChildren("/a")]) }
        let third = try await connection.request(.multiRead)
        let response = MultiResponse(results: [.getChildren(GetChildrenResponse(children: names))])
        connection.reply(to: third, response)
        let results = try await several.value
        #expect(throws: ZooKeeperError.self) { try results[0].get() }
        await client.close()
    }

    private func expectRefusal<Value>(_ body: () async throws -> Value) async {
        do {
            _ = try await body()
            Issue.record("it was taken")
        } catch let error as ZooKeeperError {
            #expect(error.code == .marshallingError)
        } catch {
            Issue.record("\(error)")
        }
    }

    @Test func namesWithDotsAreNames() {
        for name in ["...", ".a", "a.", "a..b"] { #expect(ZnodePath.isName(name)) }
        for name in ["", ".", "..", "a/b"] { #expect(!ZnodePath.isName(name)) }
    }
}
