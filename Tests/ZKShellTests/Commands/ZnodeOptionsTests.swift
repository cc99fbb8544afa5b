import Foundation
import Support
import Testing
import ZKClient
import ZKCore
import ZKText

@testable import ZKShell

/// Options of get, set, ls, getEphemerals and of the shell that zkCli does not have.
@Suite(.timeLimit(.minutes(2))) struct ZnodeOptionsTests {
    @Test func getUnpacks() async throws {
        let shell = try await ShellHarness()
        // printf 'packed text' | gzip -n, and the same with zlib.
        _ = try await shell.output("create -b /gzip H4sIAAAAAAAC/ytITM5OTVEoSa0oAQAM9ArSCwAAAA==")
        _ = try await shell.output("create -b /zlib eJwrSEzOTk1RKEmtKAEAGZYETg==")
        _ = try await shell.output("create /text hello")
        #expect(try await shell.output("get -z /gzip") == "packed text\n")
        #expect(try await shell.output("get -z /zlib") == "packed text\n")
        #expect(try await shell.output("get -z /text") == "hello\n")
        // The file twice, with zeros behind it, and with something else.
        let gzip = try #require(Base64.decode(Array("H4sIAAAAAAAC/ytITM5OTVEoSa0oAQAM9ArSCwAAAA==".utf8)))
        try await shell.client.setData("/gzip", data: gzip + gzip + [0, 0])
        #expect(try await shell.output("get -z /gzip") == "packed textpacked text\n")
        try await shell.client.setData("/gzip", data: gzip + [1])
        #expect(await shell.run("get -z /gzip").status == 1)
        _ = try await shell.output("set -b /gzip H4sIAAAAAAAC/ytITM5OTVEoSa0o")
        #expect(await shell.run("get -z /gzip").status == 1)
    }

    @Test func unpacksLZ4() {
        let header: [UInt8] = [0x04, 0x22, 0x4D, 0x18, 0x40, 0x40, 0xC0]
        let packed: [UInt8] = [0x38] + Array("abc".utf8) + [3, 0, 0x50] + Array("XYZ12".utf8)
        let plain = Array("plain".utf8)
        let frame =
            header + [UInt8(packed.count), 0, 0, 0] + packed + [UInt8(plain.count), 0, 0, 0x80] + plain + [0, 0, 0, 0]
        #expect(LZ4Frame.isPacked(frame))
        #expect(LZ4Frame.unpack(frame) == Array("abcabcabcabcabcXYZ12plain".utf8))
        for length in 0..<frame.count { #expect(LZ4Frame.unpack(Array(frame[..<length])) == nil) }
        // An offset to before the beginning.
        #expect(LZ4Frame.unpack(header + [4, 0, 0, 0, 0x10, 0x61, 2, 0, 0, 0, 0, 0]) == nil)
    }

    @Test(arguments: [
        (".a.b[1]", "two"), ("$.a.b[-1].c", "[1,2]"), ("a.b[0]", "1"), (#"["x.y"]"#, "dot"), ("n", "null"),
    ])
    func getPrintsAPartOfJSON(expression: String, expected: String) async throws {
        let shell = try await ShellHarness()
        _ = try await shell.output(#"create /j '{"a":{"b":[1,"two",{"c":[1,2]}]},"x.y":"dot","n":null}'"#)
        #expect(try await shell.output("get --json-path '\(expression)' /j") == expected + "\n")
    }

    @Test func getSaysWhatIsNotThere() async throws {
        let shell = try await ShellHarness()
        try await shell.create("/j={}", "/t=text")
        #expect(await shell.run("get --json-path a /j").status == 1)
        #expect(await shell.run("get --json-path a /t").status == 1)
        #expect(await shell.run("get --json-path 'a[' /j").status == 2)
        #expect(await shell.run("get --json-path 'a[x]' /j").status == 2)
        #expect(await shell.run("get --json-path a..b /j").status == 2)
    }

    @Test func setShowsTheDifference() async throws {
        let shell = try await ShellHarness()
        _ = try await shell.output(#"create /a $'one\ntwo\n'"#)
        let shown = try await shell.output(#"set --diff /a $'one\nthree\n'"#)
        #expect(shown == "--- /a\n+++ /a (new)\n@@ -1,2 +1,2 @@\n one\n-two\n+three\n")
        #expect(try await shell.output("get -n /a") == "one\nthree\n")
    }

    @Test func listsEndInNUL() async throws {
        let shell = try await ShellHarness()
        try await shell.create("/a", "/a/b", "/c")
        #expect(try await shell.output("ls --print0 /") == "a\0c\0")
        #expect(try await shell.output("ls -R --print0 /") == "/\0/a\0/c\0/a/b\0")
        #expect(await shell.run("ls -l --print0 /").status == 2)
    }

    @Test func listsTheEphemeralsOfOthers() async throws {
        let shell = try await ShellHarness()
        let other = try await ShellHarness()
        _ = try await other.output("create -e /theirs")
        let chroot = try #require(other.session.connection.connectString.chroot)
        #expect(try await shell.output("getEphemerals --all").contains("\(chroot)/theirs"))
        let id = Hex.number(other.client.session.id)
        #expect(try await shell.output("getEphemerals --session \(id)") == "[\(chroot)/theirs]\n")
        #expect(try await shell.output("getEphemerals") == "[]\n")
    }

    @Test func topShowsTheBusiestSessions() async throws {
        let shell = try await ShellHarness()
        let text = await shell.run("top -n 2 10ms").output
        #expect(text.components(separatedBy: "REQUESTS").count == 3, "\(text)")
        #expect(text.contains(Hex.number(shell.client.session.id)), "\(text)")
        #expect(try await shell.json("top -n 1").first?["status"]?["health"] == "healthy")
        #expect(await shell.run("top -n 0").status == 2)
        func session(_ id: Int64, received: Int) -> SessionReport.Session {
            .init(id: id, connection: .init(server: "s", client: "c", received: received))
        }
        let rows = TopResult.busiest(
            [session(1, received: 10), session(2, received: 90), session(3, received: 50)], since: [2: 85, 3: 0])
        #expect(rows.map(\.session.id) == [3, 1, 2] && rows.map(\.requests) == [50, 10, 5])
    }

    @Test func globsMayMatchNothing() async throws {
        let shell = try await ShellHarness()
        #expect(await shell.run("get /x*").status == 4)
        shell.session.updateOptions { $0.acceptsEmptyGlobs = true }
        let result = await shell.run("get /x*")
        #expect(result.status == 0 && result.output.isEmpty)
    }

    @Test func tracesFramesWithoutData() async throws {
        let directory = try TemporaryDirectory()
        let shell = try await ShellHarness(options: { $0.traceFile = directory.path("trace") })
        _ = try await shell.output("create /a secret ; get /a")
        let text = try String(contentsOf: directory.url("trace"), encoding: .utf8)
        #expect(text.contains(" create2 ") || text.contains(" create "))
        #expect(text.contains("getData") && !text.contains("secret"))
    }

    // MARK: Several znodes

    @Test func getReadsManyInTheirOrder() async throws {
        let shell = try await ShellHarness()
        try await shell.client.create("/n")
        let names = (0..<100).map { "/n/\($0)" }.sorted()
        for name in names { try await shell.client.create(try ZnodePath(name), data: Array("of \(name)".utf8)) }
        let all = await shell.run("get '/n/0' /n/*")
        #expect(all.status == 0 && all.output == (["/n/0"] + names).map { "of \($0)\n" }.joined())
        let some = await shell.run("get /n/1 /n/none /n/2 /n/1")
        #expect(some.output == "of /n/1\nof /n/2\nof /n/1\n")
        #expect(some.status == 9)
        #expect(
            some.errors == [
                "zoosh: get: /n/none: node does not exist", "zoosh: get: failed for 1 of 4 paths",
            ])
    }

    /// Together they are larger than a reply may be, each alone is not.
    @Test func getReadsAloneWhatIsTooMuchTogether() async throws {
        let shell = try await ShellHarness(options: { $0.frameBytesMax = 64 << 10 })
        try await shell.client.create("/n")
        let value = String(repeating: "x", count: 8192)
        for number in 10..<30 {
            try await shell.client.create(try ZnodePath("/n/\(number)"), data: Array("\(number)\(value)".utf8))
        }
        let result = await shell.run("get /n/*")
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output == (10..<30).map { "\($0)\(value)\n" }.joined())
    }
}
