import Support
import Testing
import ZKClient
import ZKCore
import ZKDigest
import ZKText

@testable import ZKShell

/// touch, append, incr, digest, wait.
@Suite(.timeLimit(.minutes(2))) struct ReadModifyWriteTests {
    @Test func touchCreatesAndRewrites() async throws {
        let shell = try await ShellHarness()
        try await shell.create("/a=x")
        #expect(try await shell.output("touch /a /b").isEmpty)
        #expect(try await shell.client.getData("/a").stat.version == 1)
        #expect(try await shell.client.getData("/a").data == [UInt8(ascii: "x")])
        #expect(try await shell.client.getData("/b").data == nil)
        #expect(await shell.run("touch /x/y").status == 4)
    }

    @Test func appendAddsBytes() async throws {
        let shell = try await ShellHarness()
        _ = try await shell.output("append /a one")
        _ = try await shell.output("append -x /a 00ff")
        #expect(try await shell.client.getData("/a").data == Array("one".utf8) + [0, 0xFF])
        #expect(await shell.run("append /a").status == 2)
    }

    @Test func noIncrementIsLost() async throws {
        let shell = try await ShellHarness()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<10 {
                        try await shell.client.change("/n") { data, _ in
                            Array("\((Int(String(decoding: data ?? [], as: UTF8.self)) ?? 0) + 1)".utf8)
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await shell.output("incr /n") == "81\n")
        #expect(try await shell.output("incr /n -- -1") == "80\n")
        #expect(try await shell.json("incr /n 5").first?["value"] == 85)
        try await shell.create("/text=abc", "/large=9223372036854775807")
        #expect(await shell.run("incr /text").status == 1)
        #expect(await shell.run("incr /large").status == 1)
        #expect(await shell.run("incr /n x").status == 2)
    }

    @Test(arguments: [
        ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
        ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "84983e441c3bd26ebaae4aa1f95129e5e54670f1"
        ),
        (String(repeating: "a", count: 119), "ee971065aaa017e0632a8ca6c77bb3bf8b1dfc56"),
    ])
    func hashesAsTheStandardSays(text: String, expected: String) {
        #expect(Hex.encode(SHA1.hash(Array(text.utf8))) == expected)
    }

    @Test func digestIsWhatTheServerComputes() async throws {
        let shell = try await ShellHarness()
        #expect(try await shell.output("digest super:golden") == "super:c9T5yFYCHEoR/xZ3KuYTF5tNWis=\n")
        #expect(await shell.run("digest joe").status == 2)
        let asking = try await ShellHarness(answers: ["golden"])
        #expect(try await asking.output("digest super") == "super:c9T5yFYCHEoR/xZ3KuYTF5tNWis=\n")
    }

    @Test func waitReturnsAtOnceWhenItIsSo() async throws {
        let shell = try await ShellHarness()
        try await shell.create("/a=x", "/a/b")
        for condition in ["--exists", "--value x", "--version 0", "--children 1"] {
            #expect(await shell.run("wait /a \(condition)").status == 0, "\(condition)")
        }
        #expect(await shell.run("wait /nope --gone").status == 0)
        #expect(await shell.run("wait /nope --changed").status == 4)
        #expect(await shell.run("wait /a").status == 2)
        #expect(await shell.run("wait /a --gone --exists").status == 2)
    }

    @Test func waitGivesUpAfterItsTime() async throws {
        let shell = try await ShellHarness()
        let result = await shell.run("wait /a --exists --timeout 50ms")
        #expect(result.status == 124)
        #expect(result.errors == ["zoosh: wait: /a: not as wanted when the time was over"])
    }

    @Test func waitSeesChanges() async throws {
        let shell = try await ShellHarness()
        try await shell.create("/a=x")
        async let results = withTaskGroup(of: Int32.self) { group in
            for condition in [
                "/a --value y", "/a --version 1", "/a --changed", "/a/b --exists", "/a --children 1", "/new --exists",
            ] {
                group.addTask { await shell.run("wait \(condition) --timeout 20s").status }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        try await eventually("the watches") { shell.client.armedWatches.count >= 4 }
        try await shell.client.setData("/a", data: Array("y".utf8))
        try await shell.create("/a/b", "/new")
        #expect(await results == [0, 0, 0, 0, 0, 0])
    }
}
