import Support
import Testing
import ZKClient
import ZKCore
import ZKText

@testable import ZKShell

/// diff names its sources and leaves out what nobody asks for.
@Suite(.timeLimit(.minutes(2))) struct DiffTests {
    @Test func ephemeralsAreLeftOutUnlessAsked() async throws {
        let shell = try await ShellHarness()
        let other = try await shell.client()
        try await shell.create("/a", "/b", "/a/both", "/b/both")
        try await other.create("/a/x", mode: .ephemeral)
        try await other.create("/b/y", mode: .ephemeral)
        #expect(await shell.run("diff -r /a /b").status == 0)
        let all = await shell.run("diff -r --ephemeral /a /b")
        #expect(all.status == 1 && all.output == "Only in B: /b/y\nOnly in A: /a/x\n", "\(all.output)")
        await other.close()
    }

    @Test func excludedPathsAreLeftOut() async throws {
        let shell = try await ShellHarness()
        try await shell.create("/a", "/b", "/a/tmp", "/a/d", "/b/d", "/a/d/log1=x", "/b/d/log1=y", "/b/d/tmp", "/b/e")
        #expect(await shell.run("diff -r /a /b").output.split(separator: "\n").count > 3)
        let result = await shell.run("diff -r --exclude tmp --exclude 'd/log*' --exclude **/e /a /b")
        #expect(result.status == 0, "\(result.output)")
    }

    @Test func jsonIsComparedByWhatItMeans() async throws {
        let shell = try await ShellHarness()
        try await shell.create("/a", "/b")
        try await shell.client.setData("/a", data: Array(#"{"r":3,"n":1.50,"l":[1]}"#.utf8))
        try await shell.client.setData("/b", data: Array(#"{ "l":[1], "n":15e-1, "r":3 }"#.utf8))
        #expect(await shell.run("diff /a /b").status == 1)
        #expect(await shell.run("diff --json-data /a /b").status == 0)
        try await shell.client.setData("/b", data: Array(#"{"r":0,"n":1.5,"l":[1,2]}"#.utf8))
        let result = await shell.run("diff --json-data /a /b")
        #expect(result.output == "--- /a\n+++ /b\n-.r: 3\n+.r: 0\n+.l[1]: 2\n", "\(result.output)")
        #expect(try await shell.jsonLines("diff --json-data /a /b")[0]["paths"]?.arrayValue?.count == 2)
        try await shell.client.setData("/b", data: Array("text".utf8))
        #expect(await shell.run("diff --json-data /a /b").output.contains("+text"))
        #expect(await shell.run("diff --json-data --acl /a /b").status == 2)
    }

    @Test func headersNameTheSources() async throws {
        let shell = try await ShellHarness()
        let other = try await TransferServer.apache.shell()
        try await shell.create("/a=x", "/a/only")
        try await other.create("/b=y", "/b/other")
        let (here, there) = ("zk://\(shell.session.options.server)", "zk://\(other.session.options.server)")
        let result = await shell.run("diff -r /a \(there)/b")
        #expect(result.status == 1)
        for line in ["--- \(here)/a", "+++ \(there)/b", "Only in \(here)/a/only", "Only in \(there)/b/other"] {
            #expect(result.output.contains(line + "\n"), "\(line): \(result.output)")
        }
        let plan = await shell.run("diff -r --plan /a \(there)/b")
        #expect(plan.output.hasPrefix("# makes \(here)/a like \(there)/b: "), "\(plan.output)")
    }
}
