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

    @Test func findHoldsAllTestsOfAKind() async throws {
        let shell = try await sample()
        #expect(try await shell.output("find /app --size +4 --size -14") == "/app\n/app/a\n")
        #expect(try await shell.output("find /app --name 'l*' --name '*1'") == "/app/b/lock-0000000001\n")
        #expect(try await shell.output("find /app --regex b --regex a --regex '1$'") == "/app/b/lock-0000000001\n")
        #expect(try await shell.output("find /app --data one --data three").isEmpty == false)
        #expect(try await shell.output("find /app --data one --data four").isEmpty)
        #expect(try await shell.output("find /app --type p --type e").isEmpty)
        #expect(try await shell.output("find /app --children +0 --children -2") == "/app/a\n/app/b\n")
        #expect(try await shell.output("find /app --mtime -1w --mtime +0s -d 0") == "/app\n")
    }

    @Test func findCountsLevelsAndChildrenOfTheLastOne() async throws {
        let shell = try await sample()
        #expect(try await shell.output("find /app --min-depth 1 -d 1") == "/app/a\n/app/b\n")
        #expect(try await shell.output("find /app --min-depth 1 -d 1 --children 1") == "/app/a\n/app/b\n")
        #expect(await shell.run("find /app --min-depth -1").status == 2)
    }

    @Test func findDeletesChildrenFirst() async throws {
        let shell = try await sample()
        try await shell.create("/app/a/x/deep")
        let result = await shell.run("find /app --min-depth 1 --mtime +0s --exec 'delete {}'")
        #expect(result.status == 0, "\(result.errors)")
        #expect(try await shell.output("ls -R /app") == "/app\n")
    }

    @Test func findTakesAnEscapedStarForAStar() async throws {
        let shell = try await sample()
        try await shell.create("/app/*", "/app/[x]")
        #expect(try await shell.output("find /app --name '\\*'") == "/app/*\n")
        #expect(try await shell.output("find /app --name '\\[x\\]'") == "/app/[x]\n")
        #expect(try await shell.output("find /app --name '[*]'") == "/app/*\n")
    }

    /// `text` as one word of a command line.
    private func word(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }

    /// A name may hold what the system's shell would run.
    @Test(arguments: [#"! echo "{}""#, "! echo '{}'", #"get {} | sed "s/x/{}/""#])
    func findRefusesPathsInQuotesOfSystemCommands(line: String) async throws {
        let shell = try await sample()
        let result = await shell.run("find /app --exec \(word(line))")
        #expect(result.status == 2)
        #expect(result.errors.first?.contains(#"or "$ZOOSH_PATH""#) == true, "\(result.errors)")
    }

    @Test func findKeepsNamesOutOfSystemCommands() async throws {
        let shell = try await sample()
        let directory = try TemporaryDirectory()
        let names = ["$(exit 3)", #"";exit 3;""#, "';exit 3;'", "`exit 3`"].map { "/app/\($0)" }
        for name in names { try await shell.create(name) }
        let seen = directory.path("seen")
        let lines = [
            #"! test {} = "$ZOOSH_PATH" && echo {} >> \#(seen)"#, #"get {} | echo {} >> \#(seen)"#,
            #"find {} --exec "! echo {} >> \#(seen)""#,
        ]
        for line in lines {
            let result = await shell.run("find /app --name '*exit*' --exec \(word(line))")
            #expect(result.status == 0, "\(line): \(result.errors)")
        }
        let paths = String(decoding: try LocalFile.read(seen), as: UTF8.self).split(separator: "\n")
        #expect(paths.map(String.init).sorted() == (names + names + names).sorted())
    }

    @Test func findRefusesAPathAsTheNameOfAFile() async throws {
        let shell = try await sample()
        #expect(await shell.run("find /app --exec 'get {} > {}'").status == 2)
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
