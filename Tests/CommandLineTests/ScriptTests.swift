import Foundation
import Support
import Testing

/// The same commands as a file, as text, on standard input and one by one.
@Suite(.timeLimit(.minutes(5)))
struct ScriptTests {
    @Test func theFirstFailureIsTheStatusAndTheRestIsDone() async throws {
        let server = try await sharedServer.value
        let files = try TemporaryDirectory()
        let script = "create /first 1\nget /absent\ncreate /first 2\nget /first\ndelete /first\n"
        try script.write(toFile: files.path("a.zk"), atomically: true, encoding: .utf8)
        let result = try await zoosh("-f", "a.zk", server: server.connectString, directory: files.path)
        #expect(result.status == 4)
        #expect(result.outputText == "Created /first\n1\n")
        let errors = result.errorText.split(separator: "\n")
        #expect(errors.count == 2)
        #expect(errors.first?.hasPrefix("zoosh: a.zk:2: get: /absent: ") == true, "\(result.errorText)")
        #expect(errors.last?.hasPrefix("zoosh: a.zk:3: create: /first: ") == true, "\(result.errorText)")
    }

    @Test func stopsAtTheFirstFailureWhenAsked() async throws {
        let server = try await sharedServer.value
        let result = try await zoosh(
            "-e", "-c", "get /absent2 ; create /never 1", server: server.connectString)
        #expect(result.status == 4)
        #expect(try await zoosh("exists", "/never", server: server.connectString).status == 1)
    }

    /// Each command would wait for a connection anew.
    @Test func endsWhereNoServerIsReached() async throws {
        let result = try await zoosh(
            "--connect-timeout", "300ms", "-f", "-", "-c", "echo never",
            server: "127.0.0.1:\(try Loopback.freePort())", input: "echo first\nls /\necho never\nls /\n")
        #expect(result.status == 3 && result.outputText == "first\n")
        let errors = result.errorText.split(separator: "\n")
        #expect(errors.count == 2)
        #expect(errors.first?.hasPrefix("zoosh: stdin:2: ls: cannot connect to ") == true, "\(result.errorText)")
        #expect(errors.last == "zoosh: stdin: ended here, since no server was reached")
    }

    @Test func readsStandardInput() async throws {
        let server = try await sharedServer.value
        let result = try await zoosh(
            server: server.connectString,
            input:
                "# a comment\ncreate /stdin 'two\nlines'\nget /stdin\n\ncreate /stdin/b\\ c\nls /stdin\ndeleteall /stdin\n"
        )
        #expect(result.status == 0, "\(result.errorText)")
        #expect(result.outputText == "Created /stdin\ntwo\nlines\nCreated /stdin/b c\n[b c]\n")
        #expect(result.errorText == "")
    }

    @Test(arguments: [[], ["--no-pipeline"]]) func printsAllOfALongScript(options: [String]) async throws {
        let server = try await sharedServer.value
        let files = try TemporaryDirectory()
        let root = options.isEmpty ? "/long" : "/long-one-by-one"
        let names = (0..<5000).map { "\(root)/n\($0)" }
        let script =
            "create \(root)\n" + names.map { "create \($0) value-\($0)\n" }.joined()
            + names.map { "get \($0)\n" }.joined()
        try script.write(toFile: files.path("long.zk"), atomically: true, encoding: .utf8)
        let result = try await BuiltProduct.runZoosh(
            options + ["-s", server.connectString, "-f", files.path("long.zk")])
        #expect(result.status == 0 && result.errorText == "")
        let expected =
            ["Created \(root)"] + names.map { "Created \($0)" } + names.map { "value-\($0)" }
        #expect(result.outputText.split(separator: "\n").elementsEqual(expected.map { $0[...] }))
        #expect(try await zoosh("-y", "deleteall", root, server: server.connectString).status == 0)
    }

    /// A program that writes commands may wait for each answer.
    @Test(arguments: ["", "--no-pipeline"]) func answersBeforeItAsksForMore(option: String) async throws {
        let server = try await sharedServer.value
        let script = """
            coproc Z { exec "$0" $2 -s "$1"; }
            for n in 1 2 3; do
                echo 'exists /parent' >&"${Z[1]}"
                read -r -t 60 answer <&"${Z[0]}" || exit 1
                echo "$n $answer"
            done
            """
        let result = try await ChildProcess.run(
            "/bin/bash", ["-c", script, BuiltProduct.zoosh, server.connectString, option],
            environment: BuiltProduct.plainEnvironment)
        #expect(result.status == 0 && result.outputText == "1 true\n2 true\n3 true\n", "\(result.errorText)")
    }

    @Test func keepsEveryByte() async throws {
        let server = try await sharedServer.value
        let bytes: [UInt8] = Array(0...255) + [0, 0xff, 0xfe, 10]
        let create = try await ChildProcess.run(
            BuiltProduct.zoosh, ["-s", server.connectString, "create", "/binary", "@-"],
            environment: BuiltProduct.plainEnvironment,
            input: bytes)
        #expect(create.status == 0, "\(create.errorText)")
        #expect(try await zoosh("--raw", "get", "/binary", server: server.connectString).output == bytes)
        #expect(try await zoosh("get", "/binary", server: server.connectString).output == bytes + [10])
        #expect(try await zoosh("delete", "/binary", server: server.connectString).status == 0)
    }

    @Test func aCommandRunsOnAServerOfItsOwn() async throws {
        let result = try await zoosh(
            "server", "--", "/bin/sh", "-c", "test \"$ZOOSH_SERVER\" = \"$ZOOKEEPER_CONNECT\" && exit 42")
        #expect(result.status == 42)
    }

    /// The session survives the kill of the leader; the write that was under way is reported as unknown, and the rest
    /// of the script is done.
    @Test func aScriptSurvivesTheKillOfTheLeader() async throws {
        let ensemble = try await ApacheEnsemble.start(size: 3)
        let leader = try await ensemble.leader()
        let pid = try #require(leader.pid)
        let script = """
            create -e /member here
            create /before 1
            ! kill -9 \(pid)
            sync /
            create /after 2
            get /after
            get /before
            get /member
            """
        let result = try await zoosh("-f", "-", server: ensemble.connectString, input: script)
        #expect(result.outputText.hasPrefix("Created /member\nCreated /before\n"), "\(result.errorText)")
        #expect(result.outputText.hasSuffix("1\nhere\n"), "\(result.outputText)\(result.errorText)")
        #expect(result.errorText.contains("same session"), "\(result.errorText)")
        for line in result.errorText.split(separator: "\n") {
            #expect(line.hasPrefix("zoosh: "), "\(line)")
        }
    }
}
