import Foundation
import Support
import Testing

/// What is on purpose not as in zkCli, one test for each difference that zoosh(1) lists.
@Suite(.timeLimit(.minutes(5)))
struct DeclaredDifferencesTests {
    /// Runs lines in Debian's zkCli.
    private func zkCli(_ lines: String...) async throws -> CommandResult {
        try await Shells.zkCli(
            input: lines.map { $0 + "\n" }.joined() + "quit\n", on: try await ApacheServer.shared())
    }

    /// Runs one command in zoosh.
    private func zoosh(_ words: String...) async throws -> CommandResult {
        try await Shells.zoosh(words, on: try await ApacheServer.shared())
    }

    /// Runs lines in zoosh.
    private func zooshLines(_ lines: String..., directory: String? = nil) async throws -> CommandResult {
        try await Shells.zoosh(
            input: lines.map { $0 + "\n" }.joined(), directory: directory, on: try await ApacheServer.shared())
    }

    @Test func d01CreatedIsOnStdout() async throws {
        let theirs = try await zkCli("create /d1-theirs x")
        #expect(theirs.errorText.contains("Created /d1-theirs\n") && !theirs.outputText.contains("Created"))
        let ours = try await zoosh("create", "/d1-ours", "x")
        #expect(ours.outputText == "Created /d1-ours\n" && ours.errorText.isEmpty)
    }

    @Test func d02StdoutHasThePayloadOnly() async throws {
        let theirs = try await zkCli("create /d2 x", "get -w /d2", "set /d2 y")
        #expect(theirs.outputText.hasPrefix("Connecting to ") && theirs.outputText.contains("WATCHER::"))
        let ours = try await zooshLines("get -w /d2", "set /d2 z", "get /d2")
        #expect(ours.outputText == "y\nz\n")
        #expect(ours.errorText.contains("event: NodeDataChanged /d2"))
    }

    @Test func d03StatusesTellWhatWentWrong() async throws {
        let theirs = try await Shells.zkCli(["get", "/d3-missing"], on: try await ApacheServer.shared())
        #expect(theirs.status == 1)
        #expect(try await zoosh("get", "/d3-missing").status == 4)
        #expect(try await zoosh("create", "/zookeeper", "x").status == 5)
        #expect(try await zoosh("set", "-v", "99", "/", "x").status == 7)
    }

    @Test func d04UnknownOptionsAndSurplusOperandsAreErrors() async throws {
        let theirs = try await Shells.zkCli(["-bogus", "ls", "/zookeeper"], on: try await ApacheServer.shared())
        #expect(theirs.status == 0 && theirs.outputText.contains("[config, quota]"))
        let ours = try await zoosh("-bogus", "ls", "/zookeeper")
        #expect(ours.status == 2 && ours.outputText.isEmpty && ours.errorText.contains("unknown option"))

        let surplus = try await zkCli("create /d4 x", "set /d4 two words", "get /d4")
        #expect(surplus.outputText.contains("two\n"))
        #expect(try await zoosh("set", "/d4", "three", "words").status == 2)
        #expect(try await zoosh("get", "/d4").outputText == "two\n")
    }

    @Test func d05DeleteHonoursTheVersionAtItsEnd() async throws {
        let theirs = try await zkCli("create /d5-theirs x", "delete /d5-theirs 9", "ls /d5-theirs")
        #expect(theirs.errorText.contains("Node does not exist: /d5-theirs"))
        let ours = try await zooshLines("create /d5-ours x", "delete /d5-ours 9", "get /d5-ours", "delete /d5-ours 0")
        #expect(ours.status == 7 && ours.outputText == "Created /d5-ours\nx\n")
    }

    @Test func d06BadACLsAreErrors() async throws {
        let theirs = try await zkCli("create /d6-theirs x world:anyone:rz", "getAcl /d6-theirs")
        #expect(theirs.outputText.contains("'world,'anyone\n: r\n"))
        let ours = try await zoosh("create", "/d6-ours", "x", "world:anyone:rz")
        #expect(ours.status == 8 || ours.status == 2)
        #expect(try await zoosh("exists", "/d6-ours").outputText == "false\n")
        let partly = try await zkCli("create /d6-partly x nonsense,world:anyone:r", "getAcl /d6-partly")
        #expect(partly.outputText.contains("'world,'anyone\n: r\n"))
        #expect(try await zoosh("create", "/d6-ours", "x", "nonsense,world:anyone:r").status != 0)
        #expect(try await zoosh("exists", "/d6-ours").outputText == "false\n")
    }

    @Test func d07HelpHelps() async throws {
        #expect(try await zkCli("help").errorText.contains("Command not found"))
        let ours = try await zoosh("help", "create")
        #expect(ours.status == 0 && ours.outputText.hasPrefix("create: Create a znode."))
    }

    @Test func d08BackslashesAreEscapes() async throws {
        let theirs = try await zkCli(
            "create /d8-theirs x", #"set /d8-theirs "say \"hi\"""#, "get /d8-theirs",
            #"create /d8-theirs2 a\\b"#, "get /d8-theirs2")
        #expect(theirs.outputText.contains("say \\\n") && theirs.outputText.contains("a\\\\b\n"))
        let ours = try await zooshLines(
            #"create /d8-ours "say \"hi\"""#, "get /d8-ours", #"create /d8-ours2 a\\b"#, "get /d8-ours2",
            #"create /d8-ours3 C:\temp"#, "get /d8-ours3")
        #expect(
            ours.outputText
                == "Created /d8-ours\nsay \"hi\"\nCreated /d8-ours2\na\\b\nCreated /d8-ours3\nC:\\temp\n")
    }

    @Test func d09TabsAndNewlinesOfPipedDataAreKept() async throws {
        let ours = try await zooshLines("create /d9 \"a\tb\nc\"", "get /d9")
        #expect(ours.outputText == "Created /d9\na\tb\nc\n")
    }

    @Test func d10PathsMayBeRelativeAndEndWithASlash() async throws {
        let theirs = try await zkCli("ls /zookeeper/", "ls zookeeper")
        #expect(theirs.errorText.contains("Path must not end with / character"))
        #expect(theirs.errorText.contains("Path must start with / character"))
        let ours = try await zooshLines(
            "ls /zookeeper/", "ls zookeeper", "cd /zookeeper", "ls", "ls ../zookeeper/quota/..")
        #expect(ours.outputText == String(repeating: "[config, quota]\n", count: 4) && ours.status == 0)
    }

    @Test func d11PartialFailureIsAFailure() async throws {
        for name in ["theirs", "ours"] {
            _ = try await zooshLines(
                "create -p /d11-\(name)/kept/child x", "create /d11-\(name)/gone",
                "setAcl /d11-\(name)/kept world:anyone:cra")
        }
        let theirs = try await Shells.zkCli(["deleteall", "/d11-theirs"], on: try await ApacheServer.shared())
        // It says so on stderr only when it has noticed before it ends.
        #expect(theirs.status == 0)
        #expect(try await zoosh("exists", "/d11-theirs/kept/child").outputText == "true\n")
        let ours = try await zoosh("-y", "deleteall", "/d11-ours")
        #expect(ours.status == 9, "\(ours.errorText)")
    }

    @Test func d12BytesThatAreNotUTF8AreNotReplaced() async throws {
        _ = try await zoosh("create", "-x", "/d12", "61ff62")
        #expect(try await zkCli("get /d12").outputText.contains("a\u{FFFD}b\n"))
        #expect(try await zoosh("get", "/d12").output == [0x61, 0xFF, 0x62, 0x0A])
    }

    @Test func d13OperatorsAndFiles() async throws {
        let theirs = try await zkCli("create /d13-theirs @file", "get /d13-theirs", "sync / ; whoami")
        #expect(theirs.outputText.contains("@file\n") && !theirs.outputText.contains("Auth scheme"))
        let directory = try TemporaryDirectory()
        try Data("of a file".utf8).write(to: directory.url("file"))
        let ours = try await zooshLines(
            "create /d13-ours @file ; get /d13-ours", "create /d13-a;b @@x && get /d13-a;b", "exists /nope || pwd",
            "get /d13-ours | tr a-z A-Z", "get /d13-ours > copy", "! cat copy", directory: directory.path)
        #expect(
            ours.outputText
                == "Created /d13-ours\nof a file\nCreated /d13-a;b\n@x\nfalse\n/\nOF A FILE\nof a file\n")
    }

    @Test func d14AHashBeginsAComment() async throws {
        #expect(try await zkCli("# a comment").errorText.contains("Command not found #"))
        let ours = try await zooshLines("# a comment", "pwd # is data here")
        #expect(ours.errorText.split(separator: "\n").count == 1, "\(ours.errorText)")
    }

    @Test func d15AMissingChrootIsNamed() async throws {
        let server = try await ApacheServer.shared()
        let ours = try await ChildProcess.run(
            BuiltProduct.zoosh, ["-s", "\(server.connectString)/d15", "ls", "/"], limit: .seconds(60))
        #expect(ours.status == 4)
        #expect(ours.errorText.contains("chroot /d15 does not exist (create it with --create-chroot)"))
        let created = try await ChildProcess.run(
            BuiltProduct.zoosh, ["-s", "\(server.connectString)/d15", "--create-chroot", "ls", "/"],
            limit: .seconds(60))
        #expect(created.status == 0 && created.outputText == "[]\n")
    }

    /// On a terminal, since elsewhere Ctrl-C is the caller's.
    @Test func d16ControlCDoesNotEndTheShell() async throws {
        let script = """
            import os, pty, sys, select
            pid, terminal = pty.fork()
            if pid == 0:
                os.execv(sys.argv[1], sys.argv[1:])
            text = b""
            def expect(part):
                global text
                while part not in text:
                    if not select.select([terminal], [], [], 60)[0]: sys.exit("no " + repr(part) + " in " + repr(text))
                    text += os.read(terminal, 4096)
                text = text[text.index(part) + len(part):]
            expect(b"/> ")
            os.write(terminal, b"half a command\\x03")
            expect(b"/> ")
            os.write(terminal, b"echo 'started' ; watch /zookeeper\\r")
            expect(b"\\rstarted\\r\\n")
            os.write(terminal, b"\\x03")
            expect(b"/> ")
            os.write(terminal, b"whoami\\r")
            expect(b"Auth scheme")
            os.write(terminal, b"quit\\r")
            status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            print(status)
            """
        let result = try await ChildProcess.run(
            "python3",
            [
                "-c", script, BuiltProduct.zoosh, "-s", try await ApacheServer.shared().connectString, "--no-history",
                "--no-config",
            ], environment: ["PATH": "/usr/bin:/bin", "TERM": "xterm", "HOME": "/nonexistent"], limit: .seconds(120))
        #expect(result.outputText == "0\n", "\(result.errorText)")
    }

    @Test func d17TheConnectionIsAwaited() async throws {
        let server = try await Shells.server()
        server.pause()
        let files = try TemporaryDirectory()
        let ours = try ChildProcess(
            BuiltProduct.zoosh,
            ["-s", server.connectString, "--no-config", "--connect-timeout", "120s", "ls", "/zookeeper"],
            output: files.path("output"), errors: files.path("errors"))
        try await eventually("a zoosh that connects") {
            let descriptors = "/proc/\(ours.pid)/fd"
            let names = (try? FileManager.default.contentsOfDirectory(atPath: descriptors)) ?? []
            return names.contains { name in
                let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(descriptors)/\(name)")
                return target?.hasPrefix("socket:") == true
            }
        }
        server.resume()
        #expect(await ours.waitForExit() == .status(0))
        #expect(try String(contentsOf: files.url("output"), encoding: .utf8) == "[config, quota]\n")
    }

    // MARK: --compat

    @Test func compatRestoresTheFraming() async throws {
        let server = try await ApacheServer.shared()
        let theirs = try await Shells.zkCli(["get", "/zookeeper/quota"], on: server)
        let ours = try await Shells.zoosh(["--compat", "get", "/zookeeper/quota"], on: server)
        #expect(ours.outputText.hasPrefix("Connecting to \(server.connectString)\n"))
        #expect(theirs.outputText.withoutEvents == ours.outputText.withoutEvents)
        #expect(ours.errorText.isEmpty && ours.status == 0)
    }

    @Test(arguments: [
        ["get", "/missing"], ["create", "/zookeeper", "x"], ["nonsense"], ["ls", "/"], ["delete", "/"],
    ])
    func compatHasZKCLIsStatuses(command: [String]) async throws {
        let server = try await ApacheServer.shared()
        let theirs = try await Shells.zkCli(command, on: server)
        let ours = try await Shells.zoosh(["--compat"] + command, on: server)
        #expect(theirs.status == ours.status)
        #expect(theirs.errorText.split(separator: "\n").last == ours.errorText.split(separator: "\n").last)
    }

    @Test func compatEndsWithTheLastStatusAndKnowsNoOperators() async throws {
        let server = try await ApacheServer.shared()
        let lines = [
            "get /missing", "create /compat a;b", "create /compat-file @file", "get /compat-file", "# no comment",
            "ls relative", "ls /zookeeper/", "get /compat",
        ]
        let input = lines.map { $0 + "\n" }.joined()
        let ours = try await Shells.zoosh(["--compat"], input: input, on: server)
        _ = try await zooshLines("delete /compat", "delete /compat-file")
        let theirs = try await Shells.zkCli(input: input, on: server)
        #expect(theirs.status == 0 && ours.status == 0)
        #expect(theirs.outputText.withoutEvents == ours.outputText.withoutEvents)
        let errors = theirs.errorText.split(separator: "\n").filter {
            !$0.hasPrefix("\t") && !$0.hasPrefix("ZooKeeper -")
        }
        #expect(errors == ours.errorText.split(separator: "\n"))
    }
}
