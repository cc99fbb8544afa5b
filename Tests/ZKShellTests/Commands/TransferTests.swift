import Foundation
import Support
import Testing
import ZKClient
import ZKCore

@testable import ZKShell

/// cp, mv, mirror, diff, export, import.
@Suite(.timeLimit(.minutes(2))) struct TransferTests {
    private static let binary: [UInt8] = [0, 1, 0xFF, 0xC3, 0x28, 10]

    private func sample() async throws -> ShellHarness {
        let shell = try await ShellHarness()
        try await shell.create("/app=hello", "/app/a=one\ntwo\nthree\n", "/app/a/it's @x;-y='q' $'z", "/app/b=")
        try await shell.client.create("/app/bin", data: Self.binary)
        try await shell.client.create("/app/empty", data: [])
        try await shell.client.create(
            "/app/acl", data: nil, acl: [ACL(perms: [.read, .write, .admin], scheme: "world", id: "anyone")])
        try await shell.client.create("/app/e", mode: .ephemeral)
        return shell
    }

    /// Paths below `root` and what they hold.
    private func content(_ root: ZnodePath, of shell: ShellHarness) async throws -> [String: [UInt8]?] {
        var content: [String: [UInt8]?] = [:]
        try await SubtreeWalk(root: root, payload: .data).run(on: shell.client) { znodes in
            for znode in znodes {
                content[znode.path.rebased(from: root, to: .root).string] = .some(znode.znode?.data)
            }
        }
        return content
    }

    @Test(arguments: ["json", "jsonl"]) func exportsWhatImportBrings(format: String) async throws {
        let shell = try await sample()
        let files = try TemporaryDirectory()
        let file = files.path("app.\(format)")
        _ = try await shell.output("export --acl --stat -o \(file) --format \(format) /app")
        #expect(try await shell.output("import --acl \(file) /copy") == "7 created in /copy\n")
        var expected = try await content("/app", of: shell)
        #expect(expected.removeValue(forKey: "/e") != nil)
        #expect(try await content("/copy", of: shell) == expected)
        #expect(try await shell.client.getACL("/copy/acl").acl == shell.client.getACL("/app/acl").acl)
        // A second time: everything is there.
        #expect(await shell.run("import \(file) /copy").status == 9)
        #expect(try await shell.output("import --merge \(file) /copy") == "7 unchanged in /copy\n")
    }

    @Test func importMergesReplacesAndCounts() async throws {
        let shell = try await sample()
        let files = try TemporaryDirectory()
        let file = files.path("app.jsonl")
        _ = try await shell.output("export -o \(file) /app/a")
        try await shell.create("/app/a/new")
        try await shell.client.setData("/app/a", data: Array("other".utf8))
        #expect(
            try await shell.output("import --replace --dry-run \(file)")
                == "would be: 1 changed, 1 unchanged, 1 deleted in /app/a\n")
        #expect(try await shell.output("import --merge \(file)") == "1 changed, 1 unchanged in /app/a\n")
        #expect(try await shell.client.exists("/app/a/new") != nil)
        #expect(try await shell.output("import --replace \(file)") == "2 unchanged, 1 deleted in /app/a\n")
        #expect(try await shell.client.exists("/app/a/new") == nil)
        #expect(try await shell.client.getData("/app/a").data == Array("one\ntwo\nthree\n".utf8))
    }

    @Test func aScriptMakesTheSubtreeAgain() async throws {
        let shell = try await sample()
        let script = try await shell.output("export --acl --format script /app")
        let before = try await content("/app", of: shell)
        let deletion = SubtreeDeletion(root: "/app")
        let context = ShellContext(session: shell.session, commandName: "test")
        try await deletion.delete(
            deletion.znodes(on: shell.client, in: context), on: shell.client, in: context)
        for line in script.split(separator: "\n") where line.hasPrefix("create") {
            #expect(await shell.run(String(line)).status == 0, "\(line)")
        }
        var expected = before
        #expect(expected.removeValue(forKey: "/e") != nil)
        #expect(try await content("/app", of: shell) == expected)
    }

    @Test func readsExportsThatWereLaidOutAnew() async throws {
        let shell = try await ShellHarness()
        let files = try TemporaryDirectory()
        try Data(
            """
            {
              "zoosh": "export", "version": 1, "root": "/x",
              "znodes": [
                {"path": "/x", "data": "a"},
                {"path": "/x/y", "data": "/w==", "encoding": "base64"}
              ]
            }
            """.utf8
        ).write(to: files.url("x.json"))
        #expect(try await shell.output("import \(files.path("x.json"))") == "2 created in /x\n")
        #expect(try await shell.client.getData("/x/y").data == [0xFF])
    }

    @Test(arguments: [
        ("not json", "1: it is not JSON"), (#"{"zoosh":"export","version":2,"root":"/"}"#, "1: it is not an export"),
        (#"{"path":"/a"}"# + "\n" + #"{"path":"a"}"#, "2: a: a path must start with /"),
        (#"{"path":"/a","data":"?","encoding":"base64"}"#, "1: its data is not base64"),
        (#"{"path":"/a"}"# + "\nnonsense", "2: it is not JSON"),
        (#"{"path":"/a","acl":[{"scheme":"world"}]}"#, "1: an entry of its acl lacks"),
    ])
    func saysWhereAnExportIsBroken(text: String, message: String) async throws {
        let shell = try await ShellHarness()
        let files = try TemporaryDirectory()
        try Data(text.utf8).write(to: files.url("x"))
        let result = await shell.run("import \(files.path("x"))")
        #expect(result.status == 11)
        let expected = message.hasSuffix("not JSON") && message.hasPrefix("1") ? "is not JSON" : message
        #expect(result.errors.count == 1 && result.errors[0].contains(expected), "\(result.errors)")
    }

    @Test func copiesOneZnodeOrASubtree() async throws {
        let shell = try await sample()
        #expect(try await shell.output("cp /app/bin /one").isEmpty)
        #expect(try await shell.client.getData("/one").data == Self.binary)
        let copied = await shell.run("cp -r --acl /app /app2")
        #expect(copied.status == 0)
        #expect(copied.errors.count == 1 && copied.errors[0].contains("1 ephemeral"))
        var expected = try await content("/app", of: shell)
        expected["/e"] = nil
        #expect(try await content("/app2", of: shell) == expected)
        #expect(try await shell.client.getACL("/app2/acl").acl.first?.perms == [.read, .write, .admin])
        #expect(await shell.run("cp /app/a /app2/a").status == 5)
        #expect(await shell.run("cp /nope /x").status == 4)
        #expect(await shell.run("cp /app /x/y").status == 4)
        #expect(await shell.run("cp -r /app /app/a/b").status == 2)
        try await shell.client.setData("/app2/a", data: nil)
        _ = try await shell.output("cp -r -n /app /app2")
        #expect(try await shell.client.getData("/app2/a").data == nil)
        _ = try await shell.output("cp -r -f --ephemeral persist /app /app2")
        #expect(try await shell.client.getData("/app2/a").data == Array("one\ntwo\nthree\n".utf8))
        #expect(try await shell.client.exists("/app2/e")?.ephemeralOwner == 0)
    }

    @Test func copiesBetweenEnsemblesAndFiles() async throws {
        let shell = try await sample()
        let other = try await ShellHarness()
        let address = other.session.options.server
        _ = try await shell.output("cp -r /app zk://\(address)/app")
        var expected = try await content("/app", of: shell)
        expected["/e"] = nil
        #expect(try await content("/app", of: other) == expected)
        let files = try TemporaryDirectory()
        _ = try await shell.output("cp -r /app @\(files.path("x.jsonl"))")
        _ = try await other.output("cp -r @\(files.path("x.jsonl")) /fromfile")
        #expect(try await content("/fromfile", of: other) == expected)
    }

    @Test func movesAtOnce() async throws {
        let shell = try await sample()
        let before = try await content("/app/a", of: shell)
        #expect(await shell.run("mv /app/a /moved").status == 6)
        #expect(try await shell.output("mv -r /app/a /moved").isEmpty)
        #expect(try await content("/moved", of: shell) == before)
        #expect(try await shell.client.exists("/app/a") == nil)
        #expect(await shell.run("mv -r /app /app3").status == 1)
        #expect(await shell.run("mv -r /moved /app/bin").status == 5)
        #expect(try await content("/moved", of: shell) == before)
    }

    @Test func movesWhatIsTooLargeForOneRequest() async throws {
        let shell = try await ShellHarness()
        try await shell.create("/big")
        var bulk = BulkWriter(client: shell.client) { _, error in throw error }
        for number in 0..<1500 { try await bulk.add(.create(ZnodePath("/big/n\(number)"), data: nil)) }
        try await bulk.finish()
        #expect(bulk.doneCount == 1500)
        #expect(try await shell.output("mv -r /big /large").isEmpty)
        #expect(try await shell.client.exists("/big") == nil)
        #expect(try await shell.client.exists("/large")?.numChildren == 1500)
    }

    @Test func diffShowsWhatDiffers() async throws {
        let shell = try await sample()
        _ = await shell.run("cp -r --no-acl --ephemeral persist /app /app2")
        #expect(await shell.run("diff -r /app /app2").status == 0)
        try await shell.client.setData("/app2/a", data: Array("one\n2\nthree\n".utf8))
        try await shell.client.setData("/app2/bin", data: [0, 1])
        try await shell.client.delete("/app2/b")
        try await shell.create("/app2/c=new")
        let result = await shell.run("diff -r /app /app2")
        #expect(result.status == 1)
        #expect(
            result.output == """
                Only in B: /app2/c
                --- /app/a
                +++ /app2/a
                @@ -1,3 +1,3 @@
                 one
                -two
                +2
                 three
                Only in A: /app/b
                Data of /app/bin and /app2/bin differ

                """)
        let plan = await shell.run("diff -r --plan /app /app2").output
        #expect(plan.hasPrefix("# makes zk://\(shell.session.options.server)/app like zk://"), "\(plan)")
        for line in plan.split(separator: "\n").dropFirst() where !line.hasPrefix("deleteall") {
            #expect(await shell.run(String(line)).status == 0, "\(line)")
        }
        #expect(await shell.run("diff -r -q /app /app2").output == "Only in A: /app/b\n")
        #expect(await shell.run("diff --acl /app/acl /app2/acl").status == 1)
        #expect(await shell.run("diff --stat /app/a /app2/a").status == 0)
        #expect(await shell.run("diff /app /nope").status == 4)
    }

    @Test func mirrorsChangesAsTheyCome() async throws {
        let shell = try await sample()
        try await shell.create("/m", "/m/extra")
        #expect(try await shell.output("mirror --delete /app /m") == "6 created, 1 changed, 1 deleted\n")
        #expect(try await shell.output("mirror /app /m") == "7 unchanged\n")
        let mirroring = Task { await shell.run("mirror --watch --delete /app /m") }
        try await eventually("the watch") { !shell.client.armedWatches.isEmpty }
        try await shell.client.setData("/app/b", data: Array("changed".utf8))
        try await shell.client.delete("/app/empty")
        try await eventually("the mirrored changes") {
            let data = try await shell.client.getData("/m/b").data
            let isGone = try await shell.client.exists("/m/empty") == nil
            return data == Array("changed".utf8) && isGone
        }
        mirroring.cancel()
        #expect(await mirroring.value.status == 130)
    }

    @Test func unifiedDiffHasHunks() {
        let a = (1...20).map { "line \($0)\n" }.joined()
        let b = a.replacingOccurrences(of: "line 2\n", with: "").replacingOccurrences(
            of: "line 18\n", with: "line 18\nline 18b\n")
        #expect(
            UnifiedDiff.text(a, b, names: ("a", "b")) == """
                --- a
                +++ b
                @@ -1,5 +1,4 @@
                 line 1
                -line 2
                 line 3
                 line 4
                 line 5
                @@ -16,5 +15,6 @@
                 line 16
                 line 17
                 line 18
                +line 18b
                 line 19
                 line 20

                """)
        #expect(UnifiedDiff.text(a, a, names: ("a", "b")).isEmpty)
    }
}
