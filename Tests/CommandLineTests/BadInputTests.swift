import Foundation
import Support
import Testing

/// Each mistake gets one line that says what failed and what to do, and the exit status of the manual.
@Suite(.timeLimit(.minutes(5)))
struct BadInputTests {
    struct Mistake: Sendable, CustomTestStringConvertible {
        var arguments: [String]
        var status: Int32
        /// What the line must have.
        var says: [String]
        var chroot = ""

        var testDescription: String { arguments.joined(separator: " ") }
    }

    static let mistakes = [
        Mistake(arguments: ["ls", "/"], status: 4, says: ["chroot /none", "--create-chroot"], chroot: "/none"),
        Mistake(arguments: ["get", "/missing"], status: 4, says: ["get: /missing: node does not exist"]),
        Mistake(arguments: ["create", "/missing/child", "1"], status: 4, says: ["create: /missing/child", "parent"]),
        Mistake(arguments: ["create", "/zookeeper", "1"], status: 5, says: ["create: /zookeeper", "exists"]),
        Mistake(arguments: ["delete", "/parent"], status: 6, says: ["children", "deleteall"]),
        Mistake(arguments: ["set", "/zookeeper/quota", "1", "-v", "99"], status: 7, says: ["version", "stat"]),
        Mistake(arguments: ["get", "//"], status: 2, says: ["get: //", "path"]),
        Mistake(arguments: ["get", "a//b"], status: 2, says: ["must not contain //"]),
        Mistake(arguments: ["create", "/a\u{1}b", "1"], status: 2, says: ["create", "path"]),
        Mistake(arguments: ["-c", "get \"/open"], status: 2, says: ["quote", "not closed"]),
        Mistake(arguments: ["-c", "get 'a'b"], status: 2, says: ["closing quote"]),
        Mistake(arguments: ["gte", "/x"], status: 127, says: ["gte: unknown command", "did you mean get"]),
        Mistake(arguments: ["get", "--jsonpath", "/x"], status: 2, says: ["--jsonpath"]),
        Mistake(arguments: ["--jsno", "get", "/x"], status: 2, says: ["--jsno", "did you mean --json"]),
        Mistake(arguments: ["get"], status: 2, says: ["missing operand PATH", "help get"]),
        Mistake(arguments: ["create", "/x", "1", "world:anyone:r", "more"], status: 2, says: ["create", "more"]),
        Mistake(arguments: ["create", "/x", "1", "world:anyone:rq"], status: 2, says: ["rq"]),
        Mistake(arguments: ["-s", "127.0.0.1:70000", "ls", "/"], status: 2, says: ["70000"]),
        Mistake(arguments: ["-f", "/nonexistent.zk"], status: 74, says: ["/nonexistent.zk", "No such file"]),
    ]

    @Test(arguments: mistakes)
    func eachMistakeGetsOneLine(_ mistake: Mistake) async throws {
        let server = try await sharedServer.value
        let result = try await ChildProcess.run(
            BuiltProduct.zoosh, ["-s", server.connectString + mistake.chroot] + mistake.arguments,
            environment: BuiltProduct.plainEnvironment, limit: .seconds(120))
        #expect(result.status == mistake.status, "\(result.errorText)")
        #expect(result.outputText.isEmpty)
        #expect(result.errorText.hasPrefix("zoosh: "))
        #expect(result.errorText.split(separator: "\n").count == 1, "\(result.errorText)")
        for words in mistake.says { #expect(result.errorText.contains(words), "\(result.errorText)") }
    }

    @Test func nobodyListens() async throws {
        let port = try Loopback.freePort()
        let result = try await zoosh("--connect-timeout", "1s", "get", "/x", server: "127.0.0.1:\(port)")
        #expect(result.status == 3)
        #expect(result.errorText.contains("127.0.0.1:\(port): connection refused"), "\(result.errorText)")
        #expect(result.errorText.split(separator: "\n").count == 1)
    }

    @Test func whatIsWaitedForIsSaidAtOnce() async throws {
        let port = try Loopback.freePort()
        let result = try await zoosh("--connect-timeout", "3s", "get", "/x", server: "127.0.0.1:\(port)")
        #expect(result.status == 3)
        let lines = result.errorText.split(separator: "\n")
        #expect(lines.count == 2, "\(result.errorText)")
        #expect(lines[0] == "zoosh: no server answers yet, trying on for 3 s: 127.0.0.1:\(port): connection refused")
        let quiet = try await zoosh("-q", "--connect-timeout", "2s", "get", "/x", server: "127.0.0.1:\(port)")
        #expect(quiet.errorText.split(separator: "\n").count == 1)
    }

    @Test func whereWaitingDoesNotHelpNobodyWaits() async throws {
        let start = ContinuousClock.now
        let result = try await zoosh("--connect-timeout", "90s", "get", "/x", server: "nosuchhost.invalid:2181")
        #expect(result.status == 3)
        #expect(result.errorText.contains("cannot resolve nosuchhost.invalid"), "\(result.errorText)")
        // Where there is no network at all the resolver says that it may work later.
        #expect(ContinuousClock.now - start < .seconds(60) || result.errorText.contains("Temporary"))
    }

    @Test func aPlainPortIsNamedToAClientWithTLS() async throws {
        let server = try await sharedServer.value
        let result = try await zoosh(
            "--tls-insecure", "--connect-timeout", "5s", "get", "/", server: server.connectString)
        #expect(result.status == 3)
        #expect(result.errorText.contains("not speak TLS"), "\(result.errorText)")
        #expect(!result.errorText.contains("BoringSSL"), "\(result.errorText)")
    }

    @Test func scriptsMayHaveNamesThatAreNoText() async throws {
        let server = try await sharedServer.value
        let files = try TemporaryDirectory()
        let script =
            #"cd "\#(files.path)" && f=$(printf 'odd\377.zk') && echo 'echo ran' >"$f" && "$0" -s \#(server.connectString) -f "$f""#
        let result = try await ChildProcess.run(
            "/bin/sh", ["-c", script, BuiltProduct.zoosh], environment: BuiltProduct.plainEnvironment)
        #expect(result.status == 0 && result.outputText == "ran\n", "\(result.errorText)")
    }

    @Test func theReaderOfAPipeHasGone() async throws {
        let server = try await sharedServer.value
        let lists = Array(repeating: "ls /", count: 5000).joined(separator: "\n")
        let files = try TemporaryDirectory()
        let script = "\"$0\" -s \(server.connectString) -f - 2>errors; echo $? >status"
        let result = try await ChildProcess.run(
            "/bin/bash", ["-c", "{ \(script); } | head -1; exit ${PIPESTATUS[1]}", BuiltProduct.zoosh],
            environment: BuiltProduct.plainEnvironment, directory: files.path, input: Array(lists.utf8))
        #expect(result.status == 0)
        #expect(result.outputText.split(separator: "\n").count == 1)
        #expect(try String(contentsOfFile: files.path("status"), encoding: .utf8) == "141\n")
        #expect(try String(contentsOfFile: files.path("errors"), encoding: .utf8) == "")
    }

    @Test func aFullDiskUnderStandardOutput() async throws {
        let server = try await sharedServer.value
        let result = try await ChildProcess.run(
            "/bin/sh", ["-c", "exec \"$0\" -s \(server.connectString) ls / >/dev/full", BuiltProduct.zoosh],
            environment: BuiltProduct.plainEnvironment)
        #expect(result.status == 74)
        #expect(result.errorText.contains("No space left on device"), "\(result.errorText)")
    }

    @Test func aDataDirectoryInUse() async throws {
        let files = try TemporaryDirectory()
        let data = files.path("data")
        let first = try await ZooshServer.start(["--data-dir", data])
        let second = try await zoosh("server", "--data-dir", data, "--port", "0")
        #expect(second.status == 74)
        #expect(second.errorText.contains("process \(first.pid) uses this data directory"), "\(second.errorText)")
        let third = try await zoosh("server", "--memory", "--port", "\(first.port)")
        #expect(third.status == 74)
        #expect(third.errorText.contains("in use"), "\(third.errorText)")
        #expect(await first.stop() == .status(0))
    }
}
