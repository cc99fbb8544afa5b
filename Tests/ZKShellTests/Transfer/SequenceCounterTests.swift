import Support
import Testing
import ZKClient
import ZKCore

@testable import ZKShell

/// A copy numbers its next sequential child as the original would have.
@Suite(.timeLimit(.minutes(3))) struct SequenceCounterTests {
    /// A queue that was used, one that is empty again, and a znode that never had children.
    private func queues(on server: TransferServer) async throws -> ShellHarness {
        let shell = try await server.shell()
        try await shell.create("/app", "/app/q", "/app/empty", "/app/leaf")
        for _ in 0..<12 { try await shell.client.create("/app/q/n-", mode: .persistentSequential) }
        for number in 0..<7 { try await shell.client.delete(ZnodePath("/app/q/n-000000000\(number)")) }
        for _ in 0..<5 {
            try await shell.client.delete(shell.client.create("/app/empty/n-", mode: .persistentSequential))
        }
        try await shell.client.create("/app/q/e-", mode: .ephemeralSequential)
        return shell
    }

    private func expectQueues(at root: ZnodePath, of shell: ShellHarness) async throws {
        #expect(try await shell.nextNumber(below: root.appending("q")) == 13)
        #expect(try await shell.nextNumber(below: root.appending("empty")) == 5)
        #expect(try await shell.client.exists(root.appending("leaf"))?.cversion == 0)
        #expect(try await shell.client.getChildren(root).sorted() == ["empty", "leaf", "q"])
    }

    @Test(arguments: TransferServer.allCases) func copiesCarryIt(_ server: TransferServer) async throws {
        let shell = try await queues(on: server)
        _ = try await shell.output("cp -r /app /copy")
        try await expectQueues(at: "/copy", of: shell)
        // A one that is there already.
        try await shell.create("/there", "/there/q", "/there/q/mine")
        _ = try await shell.output("cp -r -f /app /there")
        try await expectQueues(at: "/there", of: shell)
        _ = try await shell.output("mirror /app /mirrored")
        try await expectQueues(at: "/mirrored", of: shell)
    }

    @Test(arguments: TransferServer.allCases, ["x.json", "x.jsonl", "x.jsonl.gz"])
    func exportsCarryIt(_ server: TransferServer, name: String) async throws {
        let shell = try await queues(on: server)
        let files = try TemporaryDirectory()
        _ = try await shell.output("export -o \(files.path(name)) /app")
        _ = try await shell.output("import \(files.path(name)) /copy")
        try await expectQueues(at: "/copy", of: shell)
    }

    @Test(arguments: TransferServer.allCases) func movesCarryIt(_ server: TransferServer) async throws {
        let shell = try await queues(on: server)
        let ephemeral = try await shell.client.getChildren("/app/q").filter { $0.hasPrefix("e-") }
        for name in ephemeral { try await shell.client.delete(ZnodePath("/app/q/\(name)")) }
        _ = try await shell.output("mv -r /app /moved")
        try await expectQueues(at: "/moved", of: shell)
        // Too large for one request.
        try await shell.create("/moved/many")
        var bulk = BulkWriter(client: shell.client) { _, error in throw error }
        for number in 0..<1200 { try await bulk.add(.create(ZnodePath("/moved/many/n\(number)"), data: nil)) }
        try await bulk.add(.delete("/moved/many/n7"))
        try await bulk.finish()
        _ = try await shell.output("mv -r /moved /again")
        #expect(try await shell.nextNumber(below: "/again/many") == 1200)
        #expect(try await shell.nextNumber(below: "/again/q") == 14)
    }

    @Test func nobodySeesItBeingRaised() async throws {
        let shell = try await queues(on: .embedded)
        let events = try await shell.client.watch("/copy", mode: .persistentRecursive)
        let seen = Task {
            var created: [String] = []
            for try await case .event(let event) in events {
                if event.type == .nodeCreated { created.append(event.path.string) }
                if event.path == "/copy/end" { break }
            }
            return created
        }
        _ = try await shell.output("cp -r /app /copy")
        let children = try await shell.client.getChildren("/copy/q")
        #expect(children.count == 5 && children.allSatisfy { $0.hasPrefix("n-") })
        try await shell.create("/copy/end")
        // What raised it came before the children.
        let below = try await seen.value.filter { $0.hasPrefix("/copy/q/") }
        #expect(try #require(below.firstIndex { $0.hasPrefix("/copy/q/n-") }) >= 6)
    }

    @Test func saysWhereItStaysBehind() async throws {
        let shell = try await ShellHarness()
        let files = try TemporaryDirectory()
        let header = #"{"zoosh":"export","version":1,"root":"/x"}"#
        let far = try files.write(
            header + "\n" + #"{"path":"/x","childCreates":9000000}"# + "\n" + #"{"zoosh":"end","znodes":1}"#, to: "far")
        let tooFar = await shell.run("import \(far) /far")
        #expect(tooFar.status == 9)
        #expect(tooFar.errors.contains { $0.contains("/far: the sequence counter of the copy is behind") })
        let unknown = try files.write(
            header + "\n" + #"{"path":"/x","childCreates":null}"# + "\n" + #"{"zoosh":"end","znodes":1}"#, to: "unknown"
        )
        let beyond = await shell.run("import \(unknown) /beyond")
        #expect(beyond.status == 9 && beyond.errors.contains { $0.contains("/beyond: ") && $0.contains("2^30") })
        // Where nobody may create children.
        try await shell.client.create("/closed", acl: [ACL(perms: [.read, .write], identity: .anyone)])
        let near = try files.write(
            header + "\n" + #"{"path":"/x","data":"new","childCreates":3}"# + "\n" + #"{"zoosh":"end","znodes":1}"#,
            to: "near")
        let closed = await shell.run("import --merge --no-acl \(near) /closed")
        #expect(closed.status == 9)
        #expect(closed.errors.contains { $0.contains("/closed: ") && $0.contains("not permitted") })
        #expect(try await shell.client.getData("/closed").data == Array("new".utf8))
    }

    @Test func statsTellTheCountUpTo2To30() {
        func counter(_ creates: Int64, _ children: Int32) -> SequenceCounter {
            SequenceCounter(
                Stat(cversion: Int32(truncatingIfNeeded: creates * 2 - Int64(children)), numChildren: children))
        }
        #expect(counter(0, 0) == .count(0))
        #expect(counter(12, 5) == .count(12))
        #expect(counter(1 << 30, 1) == .count(1 << 30))
        #expect(counter(1 << 30 + 1, 0) == .beyond)
        #expect(counter(1 << 31 - 1, 7) == .beyond)
    }
}
