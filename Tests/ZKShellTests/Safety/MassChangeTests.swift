import Support
import Testing
import ZKClient
import ZKCore

@testable import ZKShell

/// Who deletes much, or takes rights from many, is asked once about all of it.
@Suite(.timeLimit(.minutes(3))) struct MassChangeTests {
    private func shell(answers: [String]) async throws -> ShellHarness {
        let shell = try await ShellHarness(answers: answers)
        try await shell.create("/a", "/b", "/c", "/many")
        for parent in ["/a", "/b", "/c"] { for index in 0..<3 { try await shell.create("\(parent)/n\(index)") } }
        for index in 0..<12 { try await shell.create("/many/m\(index)") }
        return shell
    }

    /// No operand is above the limit by itself, all together are.
    @Test(arguments: [
        "deleteall --limit 10 /a /b /c", "deleteall --limit 10 /many/*",
        "deleteall --limit 10 /*", "delete --limit 10 /many/*", "rm --limit 9 /many/m?",
        "delete --limit 2 /a/n0 /b/n0 /c/n0",
        "setAcl -R --limit 10 /many world:anyone:cdra", "find /many --name 'mm*' --exec 'delete {}'",
    ])
    func asksOnceAboutAllOperands(line: String) async throws {
        let shell = try await shell(answers: ["n", "y", "y"])
        if line.hasPrefix("find") { for index in 0..<101 { try await shell.create("/many/mm\(index)") } }
        let before = try await shell.output("export / --format jsonl --acl --stat")
        let refused = await shell.run(line)
        #expect(refused.status == 1, "\(line): \(refused.errors)")
        #expect(try await shell.output("export / --format jsonl --acl --stat") == before, "no is no")
        let done = await shell.run(line)
        #expect(done.status == 0, "\(line): \(done.errors)")
        #expect(try await shell.output("export / --format jsonl --acl --stat") != before)
        let input = try #require(shell.session.input as? MemoryInput)
        #expect(input.questions.count == 2, "\(input.questions)")
    }

    @Test func fewAreDeletedWithoutAQuestion() async throws {
        let shell = try await shell(answers: ["n"])
        _ = try await shell.output("deleteall /a /b")
        _ = try await shell.output("delete /many/*")
        _ = try await shell.output("deleteall -f --limit 1 /c /many")
        #expect(try await shell.output("ls /") == "[]\n")
    }

    @Test func globsSpareWhatBelongsToTheServers() async throws {
        try await ShellHarness.withOwnServer { shell in
            try await shell.create("/a", "/a/b", "/q")
            _ = try await shell.output("setquota -n 5 /q")
            _ = try await shell.output("deleteall /*")
            #expect(try await shell.output("ls /") == "[zookeeper]\n")
            #expect(await shell.run("deleteall /z*").status == 4)
            #expect(try await shell.output("ls /zookeeper/quota") == "[q]\n")
            _ = try await shell.output("deleteall /zookeeper/quota/*")
            #expect(try await shell.output("ls /zookeeper/quota") == "[]\n")
            _ = try await shell.output("setAcl -R / world:anyone:cdra")
            #expect(try await shell.output("getAcl -c /zookeeper/quota") == "world:anyone:cdrwa\n")
        }
    }

    @Test func asksBeforeNobodyMayChangeAnACL() async throws {
        let shell = try await shell(answers: ["n", "n", "n", "y"])
        let lines = [
            "setAcl /a world:anyone:cdrw", "setAcl --remove world:anyone:a /a",
            "setAcl -R --remove world:anyone:a /a",
        ]
        for line in lines {
            let result = await shell.run(line)
            #expect(result.status == 1, "\(line)")
            #expect(result.errors.last?.contains("nothing was changed") == true)
        }
        #expect(try await shell.output("getAcl -c /a") == "world:anyone:cdrwa\n")
        _ = try await shell.output("setAcl /a world:anyone:cdrw")
        #expect(try await shell.output("getAcl -c /a") == "world:anyone:cdrw\n")
    }

    /// The password in place of its hash: then nobody can get in.
    @Test(arguments: ["setAcl /a digest:joe:secret:cdrwa", "create /new x digest:joe:secret:cdrwa"])
    func questionsADigestThatIsNone(line: String) async throws {
        let asked = try await shell(answers: ["n"])
        let result = await asked.run(line)
        #expect(result.status == 1)
        let silent = try await ShellHarness()
        try await silent.create("/a")
        let warned = await silent.run(line)
        #expect(warned.status == 0)
        #expect(warned.errors.contains { $0.contains("digest:joe has no hash") && !$0.contains("secret") })
        let right = try await self.shell(answers: ["n"])
        _ = try await right.output("setAcl /b digest:joe:c9T5yFYCHEoR/xZ3KuYTF5tNWis=:cdrwa")
        let input = try #require(right.session.input as? MemoryInput)
        #expect(input.questions.isEmpty)
    }
}
