import Testing
import ZKClient
import ZKCore

@testable import ZKShell

@Suite(.timeLimit(.minutes(2))) struct GlobOperandTests {
    /// What `find --print0` prints comes back as operands, whatever is in it.
    @Test func aWordThatIsThePathOfAZnodeMeansThatZnode() async throws {
        let shell = try await ShellHarness()
        try await shell.create("/g", "/g/*", "/g/a", "/g/b", "/g/[x]", "/g/x=x", "/g/**", "/g/?")
        #expect(try await shell.output("exists /g/[x]") == "true\n")
        #expect(try await shell.output("get /g/[x]") == "null\n")
        for name in ["/g/*", "/g/**", "/g/?"] {
            #expect(await shell.run("delete \(name)").status == 0)
            #expect(try await shell.client.exists(ZnodePath(name)) == nil)
        }
        #expect(try await shell.client.getChildren("/g").sorted() == ["[x]", "a", "b", "x"])
        // There is none of that name left, so now it is a glob.
        #expect(try await shell.output("exists /g/*") == "true\ntrue\ntrue\ntrue\n")
        #expect(try await shell.output("exists /g/[ab]") == "true\ntrue\n")
        #expect(await shell.run("exists /g//*").output == "false\n")
    }

    @Test(arguments: [
        ("\\*", "*", true), ("\\*", "a", false), ("a\\?", "a?", true), ("[\\]a]", "]", true), ("[\\!a]", "!", true),
        ("[\\!a]", "b", false), ("[a\\-c]", "b", false), ("[a\\-c]", "-", true), ("\\\\", "\\", true),
        ("\\", "\\", true),
        ("[*]", "*", true), ("[*]", "a", false),
    ])
    func aBackslashTakesTheMeaning(pattern: String, name: String, expected: Bool) {
        #expect(GlobPattern(pattern).matches(name) == expected)
    }
}
