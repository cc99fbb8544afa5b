import Support
import Testing
import ZKClient
import ZKCore

@testable import ZKShell

/// Members, locks and leaders survive a copy over them.
@Suite(.timeLimit(.minutes(3))) struct KeptEphemeralTests {
    @Test(arguments: TransferServer.allCases) func mirrorsAndImportsLeaveThemAlone(_ server: TransferServer)
        async throws
    {
        let shell = try await server.shell()
        let app = try await shell.client()
        try await shell.create("/app", "/app/members", "/dst", "/dst/members", "/dst/locks", "/dst/locks/l", "/dst/old")
        try await app.create("/app/members/one", mode: .ephemeral)
        try await app.create("/dst/members/one", mode: .ephemeral)
        try await app.create("/dst/members/two", mode: .ephemeral)
        try await app.create("/dst/locks/l/held", mode: .ephemeral)
        let files = try TemporaryDirectory()
        _ = try await shell.output("export -o \(files.path("x.jsonl")) /app")
        for line in ["mirror --delete /app /dst", "import --replace \(files.path("x.jsonl")) /dst"] {
            let result = await shell.run(line)
            #expect(result.status == 0, "\(result.errors)")
            #expect(result.errors.contains { $0.contains("ephemeral znodes of other sessions were not deleted") })
            for path: ZnodePath in ["/dst/members/one", "/dst/members/two", "/dst/locks/l/held"] {
                #expect(try await shell.exists(path), "\(line) \(path)")
            }
            #expect(try await !shell.exists("/dst/old"))
            try await shell.create("/dst/old")
        }
        let dryRun = await shell.run("import --replace --dry-run \(files.path("x.jsonl")) /dst").output
        #expect(dryRun == "would be: 2 unchanged, 1 deleted in /dst\n")
        _ = try await shell.output("mirror --delete --ephemeral delete /app /dst")
        // The source has one of that name: what was left out counts as kept.
        #expect(try await shell.client.getChildren("/dst/members") == ["one"])
        #expect(try await !shell.exists("/dst/locks"))
        await app.close()
    }
}
