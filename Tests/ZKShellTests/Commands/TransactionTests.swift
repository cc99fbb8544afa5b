import Foundation
import Support
import Testing
import ZKClient
import ZKCore
import ZKText

@testable import ZKShell

@Suite(.timeLimit(.minutes(2))) struct TransactionTests {
    @Test func makesAllChangesOfTheBlock() async throws {
        let shell = try await ShellHarness()
        try await shell.create("/old", "/conf=a")
        for line in ["txn", "create /new x", "set /conf b", "check /conf 1", "delete /old"] {
            #expect(try await shell.output(line).isEmpty, "\(line)")
        }
        #expect(shell.session.transaction?.ops.count == 4)
        #expect(try await shell.output("get /conf") == "a\n", "nothing is done before the commit")
        let output = try await shell.output("commit")
        #expect(
            output == """
                OP      PATH   RESULT
                create  /new   created /new
                set     /conf  version 1
                check   /conf  as expected
                delete  /old   deleted

                """)
        #expect(try await shell.output("ls /") == "[conf, new]\n")
        #expect(shell.session.transaction == nil)
    }

    @Test func makesNoneWhenOneFails() async throws {
        let shell = try await ShellHarness()
        try await shell.create("/a=1")
        let result = await shell.run("txn ; create /b ; check /a 5 ; delete /a ; commit")
        #expect(result.status == 7)
        #expect(result.output.contains("create  /b    undone, since another operation failed\n"))
        #expect(result.output.contains("check   /a    failed: BadVersion\n"))
        #expect(result.output.contains("delete  /a    not tried\n"))
        #expect(result.errors.count == 1)
        #expect(try await shell.output("ls /") == "[a]\n")
    }

    @Test func abortForgets() async throws {
        let shell = try await ShellHarness()
        #expect(await shell.run("txn ; create /b ; abort").status == 0)
        #expect(try await shell.output("ls /") == "[]\n")
        #expect(await shell.run("abort").status == 2)
        #expect(await shell.run("commit").status == 2)
        #expect(await shell.run("check /a 1").status == 2)
    }

    @Test func linesComeFromHereDocumentAndFile() async throws {
        let shell = try await ShellHarness()
        #expect(await shell.run("txn <<END\ncreate /a 1\n# a comment\nset /a 2\nEND\n").status == 0)
        let directory = try TemporaryDirectory()
        let file = directory.path("changes")
        try Data("create /b\ndelete /a\n".utf8).write(to: URL(filePath: file))
        #expect(await shell.run("txn -f \(file)").status == 0)
        #expect(try await shell.output("ls /") == "[b]\n")
        let wrong = await shell.run("txn <<END\ncreate /c\nls /\nEND\n")
        #expect(wrong.status == 2)
        #expect(wrong.errors.first?.contains("stdin:2: a transaction is made of") == true)
        #expect(try await shell.output("ls /") == "[b]\n")
    }

    @Test func aMistakeInAScriptSpoilsTheTransaction() async throws {
        let shell = try await ShellHarness()
        #expect(await shell.run("txn ; create /a ; creat /b ; commit").status == 2)
        #expect(await shell.run("txn ; create /a ; create -p /b/c ; commit").status == 2)
        #expect(await shell.run("txn ; deleteall /a ; commit").status == 2)
        #expect(try await shell.output("ls /") == "[]\n")
    }

    @Test func aScriptThatEndsWithoutCommitChangesNothing() async throws {
        let shell = try await ShellHarness()
        let status = await BatchRunner(session: shell.session).run([.text(Array("txn\ncreate /a\n".utf8))])
        #expect(status == .failure)
        #expect(
            shell.session.diagnostics.takeLines() == ["zoosh: txn: 1 operation without a commit: nothing was changed"])
        #expect(try await shell.output("ls /") == "[]\n")
    }

    @Test func tellsInJSON() async throws {
        let shell = try await ShellHarness()
        let values = try await shell.json("txn ; create -s /n- ; commit")
        let result = try #require(values.last)
        #expect(result["ok"] == true)
        #expect(result["results"]?.arrayValue?.first?["path"] == "/n-0000000000")
    }

    @Test func dryRunOnlyTells() async throws {
        let shell = try await ShellHarness(options: { $0.isDryRun = true })
        let output = try await shell.output("txn ; create /a xy ; delete -v 2 /b ; commit")
        #expect(output == "would create /a (persistent, 2 bytes)\nwould delete /b (version 2)\n")
    }
}
