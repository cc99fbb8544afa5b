import Support
import Synchronization
import Testing
import ZKClient
import ZKCore

@testable import ZKShell

/// mv deletes what it has copied, and nothing else.
@Suite(.timeLimit(.minutes(3))) struct MoveTests {
    @Test(arguments: TransferServer.allCases) func whatChangesMeanwhileStays(_ server: TransferServer) async throws {
        let shell = try await server.shell()
        let client = shell.client
        let count = 1500
        try await shell.create("/big")
        var bulk = BulkWriter(client: client) { _, error in throw error }
        for number in 0..<count {
            try await bulk.add(.create(ZnodePath("/big/n\(number)"), data: Array("old".utf8)))
        }
        try await bulk.finish()
        let others = Mutex<[Task<Void, any Error>]>([])
        let copied = Mutex(0)
        let messages = Mutex<[String]>([])
        let report = WorkReport(
            failed: { error in messages.withLock { $0.append(error.message) } },
            warn: { text in messages.withLock { $0.append(text) } },
            advance: { more in
                let all = copied.withLock { copied in
                    copied += more
                    return copied
                }
                guard all == count + 1 else { return }
                // Everything is read. These requests go out before those that delete.
                let tasks = [
                    Task.immediate { _ = try await client.setData("/big/n5", data: Array("new".utf8)) },
                    Task.immediate { _ = try await client.create("/big/created") },
                    Task.immediate { _ = try await client.setACL("/big/n6", acl: .readUnsafe) },
                    Task.immediate { try await client.delete("/big/n7") },
                    Task.immediate { _ = try await client.create("/big/n7", data: Array("again".utf8)) },
                    Task.immediate { try await client.delete("/big/n8") },
                ]
                others.withLock { $0 = tasks }
            })
        let error = await #expect(throws: ShellError.self) {
            try await SubtreeMove().run(from: LiveTree(client: client, root: "/big"), to: "/moved", report: report)
        }
        for task in others.withLock({ $0 }) { try await task.value }
        #expect(error?.status == .partialFailure)
        #expect(try await client.getChildren("/big").sorted() == ["created", "n5", "n6", "n7"])
        #expect(try await client.getData("/big/n5").data == Array("new".utf8))
        #expect(try await client.getData("/big/n7").data == Array("again".utf8))
        #expect(try await client.getData("/moved/n5").data == Array("old".utf8))
        #expect(try await client.exists("/moved")?.numChildren == Int32(count))
        let text = messages.withLock { $0 }
        for name in ["n5", "n6", "n7"] { #expect(text.contains { $0.hasPrefix("/big/\(name): changed") }, "\(text)") }
        #expect(text.contains { $0.hasPrefix("1 znodes were deleted below /big") }, "\(text)")
    }

    @Test func nothingMovesWhereAnACLIsHidden() async throws {
        let shell = try await ShellHarness()
        let acl = [
            ACL(perms: [.read, .create, .delete], identity: .anyone),
            ACL(perms: .all, scheme: "digest", id: "joe:qLYaSdsbzkV3A0DbxFuzUVH0FxE="),
        ]
        try await shell.create("/t")
        try await shell.client.create("/t/a", acl: acl)
        for target in ["mv -r /t /moved", "cp -r /t/a /copy", "cp /t/a /copy"] {
            let result = await shell.run(target)
            #expect(result.status == 8, "\(target)")
            #expect(result.errors.contains { $0.contains("/t/a: ") && $0.contains("digest:joe") }, "\(result.errors)")
        }
        #expect(try await shell.exists("/t/a"))
        for path: ZnodePath in ["/moved", "/copy"] { #expect(try await !shell.exists(path)) }
    }

    @Test func refusesWhatIsThere() async throws {
        let shell = try await ShellHarness()
        try await shell.create("/a", "/a/b", "/c")
        let result = await shell.run("mv -r /a /c")
        #expect(result.status == 5 && result.errors.count == 1 && !result.errors[0].contains("-f"))
        #expect(await shell.run("mv -r /a/b /a").status == 2)
        #expect(await shell.run("mv -r /a /a/x").status == 2)
    }
}
