import Support
import Testing
import ZKClient
import ZKCore
import ZKText

@testable import ZKShell

/// ls -R, deleteall, getAcl -R, setAcl -R.
@Suite(.timeLimit(.minutes(3))) struct RecursiveCommandsTests {
    private func shell(answers: [String] = []) async throws -> ShellHarness {
        let shell = try await ShellHarness(answers: answers)
        try await shell.create("/a", "/a/b", "/a/b/c", "/a/b/d", "/a/x", "/a/x/tmp-1", "/a/x/tmp-1/y", "/z")
        return shell
    }

    /// zkCli lists the children of a znode before it goes down into the first.
    @Test func listsInTheOrderOfZkCli() async throws {
        let shell = try await shell()
        let all = "/a\n/a/b\n/a/x\n/a/b/c\n/a/b/d\n/a/x/tmp-1\n/a/x/tmp-1/y\n"
        #expect(try await shell.output("ls -R /a") == all)
        #expect(try await shell.output("ls -R /").hasPrefix("/\n/a\n/z\n/a/b\n"))
        #expect(try await shell.output("ls -d 1 /a") == "/a\n/a/b\n/a/x\n")
        #expect(try await shell.output("ls -R --limit 2 /a") == "/a\n/a/b\n")
        #expect(try await shell.output("ls -R --limit 0 /a").isEmpty)
        #expect(try await shell.output("ls -R --count /a") == "7\n")
        #expect(
            try await shell.json("ls -R /a").map { $0["path"]?.stringValue }
                == all.split(separator: "\n").map { "\($0)" })
        #expect(await shell.run("ls -R /nope").status == 4)
    }

    @Test func saysWhatItCouldNotList() async throws {
        let shell = try await shell()
        _ = try await shell.output("setAcl /a/b world:anyone:cdwa")
        let result = await shell.run("ls -R /a")
        #expect(result.status == 9)
        #expect(result.output.contains("/a/x/tmp-1/y\n"))
        #expect(result.errors.count == 2 && result.errors[0].contains("/a/b: insufficient permission"))
    }

    @Test func deletesWhatWasSelected() async throws {
        let shell = try await shell()
        #expect(try await shell.output("deleteall --dry-run /a") == "would delete 7 nodes in /a\n")
        #expect(try await shell.output("deleteall --dry-run --match 'tmp-*' /a") == "would delete 2 nodes in /a\n")
        #expect(try await shell.output("deleteall --dry-run --older-than 1d /a") == "would delete 0 nodes in /a\n")
        _ = try await shell.output("deleteall --match 'tmp-*' /a")
        #expect(try await shell.output("ls -R /a") == "/a\n/a/b\n/a/x\n/a/b/c\n/a/b/d\n")
        _ = try await shell.output("deleteall --keep-root /a")
        #expect(try await shell.output("ls -R /") == "/\n/a\n/z\n")
        #expect(try await shell.json("deleteall /a")[0]["deleted"] == 1)
        #expect(await shell.run("deleteall /a").status == 4)
        #expect(await shell.run("deleteall -f /a").status == 0)
    }

    /// What is deleted is not among what an expiry takes along.
    @Test func forgetsTheEphemeralsThatItHasDeleted() async throws {
        let shell = try await shell()
        for path in ["/a/e", "/a/b/e", "/z/e", "/z/t", "/z/d"] { await shell.run("create -e \(path)") }
        await shell.run("deleteall /a")
        await shell.run("delete /z/d")
        await shell.run("txn ; delete /z/t ; commit")
        #expect(shell.session.connection.takeLostEphemerals().map(\.string) == ["/z/e"])
    }

    @Test func saysWhatItCouldNotDelete() async throws {
        let shell = try await shell()
        _ = try await shell.output("setAcl /a/b world:anyone:crwa")
        let result = await shell.run("deleteall -b 3 /a")
        #expect(result.status == 9)
        // /a/b/c and /a/b/d may not be deleted; that /a/b and /a are not empty then goes without saying.
        #expect(result.errors.count == 3)
        #expect(result.errors.last?.contains("deleted 3 znodes, 4 are left") == true)
        #expect(try await shell.output("ls -R /a") == "/a\n/a/b\n/a/b/c\n/a/b/d\n")
    }

    @Test func deletesThousandsInOrder() async throws {
        let shell = try await ShellHarness()
        try await shell.create("/many")
        for start in stride(from: 0, to: 3000, by: 500) {
            _ = try await shell.client.multi(
                (start..<start + 500).map { .create(ZnodePath(unchecked: "/many/n\($0)")) })
        }
        #expect(try await shell.output("ls --count /many") == "3000\n")
        _ = try await shell.output("deleteall -b 100 /many")
        #expect(try await shell.output("ls /") == "[]\n")
    }

    @Test func asksBeforeManyAreDeleted() async throws {
        let no = try await shell(answers: [""])
        #expect(await no.run("deleteall --limit 3 /a").status == 1)
        #expect(try await no.output("ls /") == "[a, z]\n")
        let yes = try await shell(answers: ["y", "y", "yes"])
        #expect(await yes.run("deleteall --limit 3 /a").status == 0)
        #expect(await yes.run("deleteall /").status == 1, "the root wants the whole word")
        #expect(await yes.run("deleteall /").status == 0)
        let silent = try await ShellHarness(options: { $0.neverPrompts = true })
        try await silent.create("/a", "/a/b")
        #expect(await silent.run("deleteall --limit 1 /a").status == 2)
    }

    @Test func changesTheACLsOfASubtree() async throws {
        let shell = try await shell()
        _ = try await shell.output("setAcl -R /a/x world:anyone:cdra")
        #expect(
            try await shell.output("getAcl -R /a/x")
                == "/a/x world:anyone:cdra\n/a/x/tmp-1 world:anyone:cdra\n/a/x/tmp-1/y world:anyone:cdra\n")
        _ = try await shell.output("setAcl /a/x/tmp-1 world:anyone:cdr")
        let result = await shell.run("setAcl -R /a/x world:anyone:cdrwa")
        #expect(result.status == 9)
        #expect(result.errors.last?.contains("the ACL of 1 of 3 nodes is as it was") == true)
    }
}
