import Support
import Testing
import ZKClient
import ZKCore
import ZKText

@testable import ZKShell

/// tree, find, grep, du, count, top-children.
@Suite(.timeLimit(.minutes(2))) struct TreeCommandsTests {
    private func sample() async throws -> ShellHarness {
        let shell = try await ShellHarness()
        try await shell.create(
            "/app=hello", "/app/a=one two\nthree", "/app/a/x=12345678901234567890", "/app/b",
            "/app/b/lock-0000000001=two")
        return shell
    }

    @Test func treeDrawsBranches() async throws {
        let shell = try await sample()
        #expect(
            try await shell.output("tree /app") == """
                /app
                ├── a
                │   └── x
                └── b
                    └── lock-0000000001

                """)
        #expect(
            try await shell.output("tree --ascii -d 1 --size --data /app") == """
                /app (5 bytes): hello
                |-- a (13 bytes): one two\\x0athree
                `-- b (0 bytes): null

                """)
        #expect(try await shell.json("tree /app").map { $0["depth"]?.intValue } == [0, 1, 2, 1, 2])
        #expect(await shell.run("tree /nope").status == 4)
        #expect(await shell.run("tree -d -1 /app").status == 2)
    }

    @Test func findTestsNamesStatsAndData() async throws {
        let shell = try await sample()
        try await shell.client.create("/app/e", mode: .ephemeral)
        #expect(try await shell.output("find /app --name 'lock*'") == "/app/b/lock-0000000001\n")
        #expect(try await shell.output("find /app --type s") == "/app/b/lock-0000000001\n")
        #expect(try await shell.output("find /app --type e") == "/app/e\n")
        #expect(try await shell.output("find /app --size +13") == "/app/a/x\n")
        #expect(try await shell.output("find /app --size 0 --type p") == "/app/b\n")
        #expect(try await shell.output("find /app --data 'tw?o$' --mtime -1h") == "/app/b/lock-0000000001\n")
        #expect(try await shell.output("find /app --mtime +1h").isEmpty)
        #expect(try await shell.output("find /app --children 1 --regex '/[ab]$'") == "/app/a\n/app/b\n")
        #expect(try await shell.output("find /app -d 0 --print0") == "/app\0")
        let owner = Hex.number(shell.client.session.id)
        #expect(try await shell.output("find / --owner \(owner)") == "/app/e\n")
        #expect(await shell.run("find /app --regex '('").status == 2)
        #expect(await shell.run("find /app --type c").status == 2)
        #expect(try await shell.json("find /app --size +13").first?["stat"]?["dataLength"] == 20)
    }

    @Test func findRunsACommandForEach() async throws {
        let shell = try await sample()
        try await shell.create("/app/it's here; -x=5")
        #expect(try await shell.output("find /app --size 1 --exec 'get {}'") == "5\n")
        #expect(try await shell.output("find /app --size 1 --exec 'ls {}/..'") == "[a, b, it's here; -x]\n")
        let failed = await shell.run("find /app --name '[ab]' --exec 'delete {}'")
        #expect(failed.status == 9)
        #expect(try await shell.client.exists("/app/a") != nil)
    }

    @Test func grepSearchesLines() async throws {
        let shell = try await sample()
        #expect(
            try await shell.output("grep two /app") == "/app/a:one two\n/app/b/lock-0000000001:two\n")
        #expect(try await shell.output("grep -l TWO -i /app") == "/app/a\n/app/b/lock-0000000001\n")
        #expect(try await shell.output("grep -c e /app/a") == "/app/a:2\n")
        #expect(try await shell.output("grep -v two /app/a") == "/app/a:three\n/app/a/x:12345678901234567890\n")
        #expect(try await shell.output("grep -E '^(hel|thr)' /app") == "/app:hello\n/app/a:three\n")
        #expect(await shell.run("grep -F '.' /app").status == 1)
        #expect(await shell.run("grep '[' /app").status == 2)
        try await shell.client.create("/app/bin", data: [0, 0xFF, 0x61, 0x62])
        #expect(try await shell.output("grep ab /app") == "/app/bin: binary data matches\n")
        #expect(await shell.run("grep x /app /nope").status == 9)
    }

    @Test func duSumsSubtrees() async throws {
        let shell = try await sample()
        #expect(try await shell.output("du /app") == "33\t2\t/app/a\n3\t2\t/app/b\n41\t5\t/app\n")
        #expect(try await shell.output("du -d 0 /app") == "41\t5\t/app\n")
        #expect(try await shell.output("du -d 5 --top 2 /app") == "41\t5\t/app\n33\t2\t/app/a\n")
        #expect(await shell.run("du --top 0 /app").status == 2)
    }

    @Test func countsZnodes() async throws {
        let shell = try await sample()
        #expect(try await shell.output("count /app") == "4\n")
        #expect(await shell.run("count /nope").status == 4)
        #expect(try await shell.output("top-children --top 1 /app") == "2\t/app\n")
        #expect(try await shell.json("top-children /app").map { $0["children"]?.intValue } == [2, 1, 1])
    }
}
