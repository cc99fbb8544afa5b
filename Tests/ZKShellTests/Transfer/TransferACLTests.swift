import Support
import Testing
import ZKClient
import ZKCore

@testable import ZKShell

/// ACLs go along with copies.
@Suite(.timeLimit(.minutes(3))) struct TransferACLTests {
    private static let readOnly = [ACL(perms: [.read], identity: .anyone)]
    private static let closed = [ACL(perms: [.read, .admin], identity: .anyone)]
    /// joe:secret
    private static let joe = AuthInfo.digest(user: "joe", password: "secret")

    /// A tree whose parents forbid creates to everybody.
    private func sample(on server: TransferServer) async throws -> ShellHarness {
        let shell = try await server.shell()
        try await shell.create("/app=secret", "/app/p=a", "/app/p/c=b", "/app/open=c")
        try await shell.client.setACL("/app/p/c", acl: Self.readOnly)
        try await shell.client.setACL("/app/p", acl: Self.closed)
        try await shell.client.setACL("/app", acl: Self.readOnly)
        return shell
    }

    private func expectACLs(at root: ZnodePath, of shell: ShellHarness) async throws {
        #expect(try await shell.acl(root) == Self.readOnly)
        #expect(try await shell.acl(root.appending("p")) == Self.closed)
        #expect(try await shell.acl(root.appending("p").appending("c")) == Self.readOnly)
        #expect(try await shell.acl(root.appending("open")) == .openUnsafe)
    }

    @Test(arguments: TransferServer.allCases) func parentsThatForbidCreatesAreCopied(_ server: TransferServer)
        async throws
    {
        let shell = try await sample(on: server)
        _ = try await shell.output("cp -r /app /copy")
        try await expectACLs(at: "/copy", of: shell)
        _ = try await shell.output("mirror /app /mirrored")
        try await expectACLs(at: "/mirrored", of: shell)
        let files = try TemporaryDirectory()
        _ = try await shell.output("export -o \(files.path("x.jsonl")) /app")
        _ = try await shell.output("import \(files.path("x.jsonl")) /imported")
        try await expectACLs(at: "/imported", of: shell)
        try await shell.create("/t", "/t/app", "/t/app/c")
        try await shell.client.setACL("/t/app", acl: [ACL(perms: [.read, .admin, .delete], identity: .anyone)])
        _ = try await shell.output("mv -r /t /moved")
        #expect(try await shell.acl("/moved/app") == [ACL(perms: [.read, .admin, .delete], identity: .anyone)])
        #expect(try await !shell.exists("/t"))
    }

    @Test(arguments: TransferServer.allCases) func identitiesBuildWhatOnlyOthersMayRead(_ server: TransferServer)
        async throws
    {
        let shell = try await server.shell {
            $0.credentials = [.init(scheme: "digest", secret: Array("joe:secret".utf8))]
        }
        let acl = [
            ACL(perms: [.read], scheme: "digest", id: "ann:qLYaSdsbzkV3A0DbxFuzUVH0FxE="),
            ACL(perms: [.read, .admin], scheme: "digest", id: try await shell.joe),
        ]
        try await shell.create("/app", "/app/c")
        try await shell.client.setACL("/app", acl: acl)
        _ = try await shell.output("cp -r /app /copy")
        #expect(try await shell.acl("/copy") == acl)
        let stranger = try await shell.client()
        await #expect(throws: ZooKeeperError.self) { try await stranger.getChildren("/copy") }
        await stranger.close()
    }

    @Test func theyStayBehindOnlyWhenAsked() async throws {
        let shell = try await sample(on: .embedded)
        for line in ["cp -r --no-acl /app /copy", "mirror --no-acl /app /copy2"] {
            let result = await shell.run(line)
            #expect(result.status == 0)
            #expect(result.errors.contains { $0.contains("3 ACLs were left behind") }, "\(result.errors)")
        }
        #expect(try await shell.acl("/copy/p/c") == .openUnsafe)
        #expect(await shell.run("cp -r --acl --no-acl /app /x").status == 2)
        let files = try TemporaryDirectory()
        let exported = await shell.run("export --no-acl -o \(files.path("x.json")) /app")
        #expect(exported.errors.contains { $0.contains("3 ACLs were left behind") }, "\(exported.errors)")
        let imported = await shell.run("import \(files.path("x.json")) /y")
        #expect(imported.status == 0)
        #expect(imported.errors.contains { $0.contains("holds no ACLs") }, "\(imported.errors)")
    }

    @Test(arguments: TransferServer.allCases) func hiddenHashesAreNeverWritten(_ server: TransferServer) async throws {
        let shell = try await server.shell()
        let owned = [
            ACL(perms: [.read, .create, .delete], identity: .anyone),
            ACL(perms: .all, scheme: "digest", id: try await shell.joe),
        ]
        try await shell.create("/app", "/app/ours", "/app/ours/below", "/app/z=1")
        try await shell.client.setACL("/app/ours", acl: owned)
        let copied = await shell.run("cp -r /app /copy")
        #expect(copied.status == 9)
        #expect(copied.errors.contains { $0.contains("/app/ours: ") && $0.contains("digest:joe") }, "\(copied.errors)")
        #expect(try await shell.client.getChildren("/copy") == ["z"])
        let files = try TemporaryDirectory()
        #expect(await shell.run("export -o \(files.path("x.jsonl")) /app").status == 9)
        // What the export could not read is not taken for deleted.
        let merged = await shell.run("import --replace \(files.path("x.jsonl")) /app")
        #expect(merged.status == 0, "\(merged.errors)")
        #expect(try await shell.exists("/app/ours/below"))
        #expect(await shell.run("diff -r --plan --acl /copy /app").status != 0)
        // The owner may.
        let owner = try await server.shell {
            $0.credentials = [.init(scheme: "digest", secret: Array("joe:secret".utf8))]
            $0.server = shell.session.options.server
        }
        _ = try await owner.output("cp -r /app /whole")
        #expect(try await owner.acl("/whole/ours") == owned)
        // An export of an older version holds what was shown.
        let old = try files.write(
            """
            {"zoosh":"export","version":1,"root":"/x"}
            {"path":"/x","acl":[{"scheme":"digest","id":"joe:x","perms":"r"}]}
            {"path":"/x/y"}
            {"zoosh":"end","znodes":2}
            """, to: "old.jsonl")
        #expect(await shell.run("import \(old) /old").status == 9)
        #expect(try await !shell.exists("/old"))
    }
}
