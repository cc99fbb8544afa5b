import Foundation
import Support
import Testing

/// `zoosh dev` and `zoosh server -- CMD`: the shell finds the server wherever it listens, and is answered what it asks.
@Suite(.timeLimit(.minutes(5)))
struct OwnServerTests {
    private static func tls(_ name: String) -> String { Fixtures.url("tls/\(name)").path }
    private static let secure = [
        "--no-plain", "--tls-port", "0", "--tls-cert", tls("server.pem"), "--tls-key", tls("server.key"),
    ]

    private func run(_ arguments: [String], input: String = "") async throws -> CommandResult {
        try await BuiltProduct.runZoosh(arguments, input: Array(input.utf8))
    }

    @Test(arguments: ["127.0.0.2:0", "[::1]:0", "0.0.0.0:0", "localhost:0"])
    func findsTheAddressThatItListensOn(address: String) async throws {
        let dev = try await run(["dev", "--memory", "--listen", address], input: "create /x hello\nget /x\n")
        #expect(dev.status == 0 && dev.outputText == "Created /x\nhello\n", "\(dev.errorText)")
        let command = try await run(
            ["server", "--memory", "--listen", address, "--", BuiltProduct.zoosh, "create", "/x"])
        #expect(command.status == 0 && command.outputText == "Created /x\n", "\(command.errorText)")
    }

    @Test func importsWhereItListens() async throws {
        let files = try TemporaryDirectory()
        let file = files.path("x.jsonl")
        let made = try await run(
            ["server", "--memory", "--", "sh", "-c", #""$0" create /x hello && "$0" export /x --format jsonl -o "$1""#]
                + [BuiltProduct.zoosh, file])
        try #require(made.status == 0, "\(made.errorText)")
        for options in [["--listen", "127.0.0.2:0"], Self.secure] {
            // The certificate is made out to localhost; its own CA has signed it.
            let ca = options == Self.secure ? ["--tls-ca", Self.tls("ca.pem")] : []
            let result = try await BuiltProduct.runZoosh(
                ca + ["dev", "--memory", "--import", file] + options, input: Array("get /x\n".utf8))
            #expect(result.status == 0 && result.outputText.hasSuffix("hello\n"), "\(options): \(result.errorText)")
        }
    }

    @Test func speaksTLSWhereThereIsNothingElse() async throws {
        let dev = try await run(
            ["--tls-ca", Self.tls("ca.pem"), "dev", "--memory"] + Self.secure, input: "create /x\n")
        #expect(dev.status == 0 && dev.outputText == "Created /x\n", "\(dev.errorText)")
        let demanding = try await run(
            ["--tls-ca", Self.tls("ca.pem"), "dev", "--memory", "--tls-ca", Self.tls("ca.pem")] + Self.secure,
            input: "create /x\n")
        #expect(demanding.status == 0 && demanding.outputText == "Created /x\n", "\(demanding.errorText)")
        let command = try await run(
            ["server", "--memory"] + Self.secure + ["--", BuiltProduct.zoosh, "--tls-ca", Self.tls("ca.pem")]
                + ["create", "/x"])
        #expect(command.status == 0 && command.outputText == "Created /x\n", "\(command.errorText)")
    }

    // MARK: Questions

    @Test(arguments: [
        ["who", "/e"], ["sessions"], ["getEphemerals", "--all"], ["top", "-n", "1"], ["cons"], ["dump"], ["wchc"],
        ["wchs"], ["wchp"], ["envi"], ["dirs"], ["status"],
    ])
    func answersWhatItsShellAsks(words: [String]) async throws {
        let line = words.joined(separator: " ")
        let dev = try await run(["dev", "--memory", "--port", "0"], input: "create -e /e\n\(line)\n")
        #expect(dev.status == 0, "\(dev.errorText)")
        #expect(!dev.errorText.contains("not allowed"), "\(dev.errorText)")
        let command = try await run(["server", "--memory", "--", BuiltProduct.zoosh, "-c", "create -e /e", "-c", line])
        #expect(command.status == 0, "\(command.errorText)")
    }

    @Test func otherServersSayHowToAllowAWord() async throws {
        let server = try await ZooshServer.start()
        let words = try await zoosh("cons", server: server.connectString)
        #expect(words.status == 10)
        #expect(words.errorText.contains("cons is not allowed; start it with --4lw"), "\(words.errorText)")
        #expect(!words.errorText.contains("zoo.cfg"))
        let sessions = try await zoosh("sessions", server: server.connectString)
        #expect(sessions.errorText.contains("cons, dump, wchc are not allowed; start it with --4lw"))
        let top = try await zoosh("top", "-n", "1", server: server.connectString)
        #expect(top.status == 1, "it has shown no session")
        await server.stop()
    }

    // MARK: Mistakes of those who start a server

    private struct Mistake: Sendable, CustomTestStringConvertible {
        var options: [String]
        var status: Int32
        var says: String
        var testDescription: String { options.joined(separator: " ") }
    }

    private static let mistakes = [
        Mistake(options: ["--admin", "99999"], status: 2, says: "--admin 99999: a port is from 0 to 65535"),
        Mistake(options: ["--max-client-cnxns=-1"], status: 2, says: "--max-client-cnxns -1"),
        Mistake(
            options: ["--min-session-timeout", "100", "--max-session-timeout", "50"], status: 2,
            says: "(--min-session-timeout, 100 ms) is above the longest (--max-session-timeout, 50 ms)"),
        Mistake(
            options: ["--listen", "192.0.2.1:0"], status: 74,
            says: "the client port cannot listen on 192.0.2.1:0: Cannot assign requested address: choose another"),
    ]

    @Test(arguments: mistakes)
    private func namesTheOptionThatIsWrong(_ mistake: Mistake) async throws {
        let result = try await run(["server", "--memory", "--port", "0"] + mistake.options)
        #expect(result.status == mistake.status, "\(result.errorText)")
        #expect(result.errorText.contains(mistake.says), "\(result.errorText)")
    }

    @Test func namesTheSocketThatIsTaken() async throws {
        let server = try await ZooshServer.start()
        let port = "\(server.port)"
        let client = try await run(["server", "--memory", "--port", port])
        #expect(client.status == 74)
        #expect(
            client.errorText.contains(
                "the client port 127.0.0.1:\(port) is in use: stop what listens there, or choose"),
            "\(client.errorText)")
        #expect(client.errorText.contains("--port (0 takes"))
        for command in ["server", "dev"] {
            let admin = try await run([command, "--memory", "--port", "0", "--admin", port])
            #expect(admin.status == 74)
            #expect(
                admin.errorText.contains("the port of the admin server 127.0.0.1:\(port) is in use"),
                "\(admin.errorText)")
            #expect(admin.errorText.contains("another with --admin"))
        }
        let tls = try await run(
            ["server", "--memory", "--port", "0"] + Self.secure.dropFirst() + ["--tls-port", port])
        #expect(tls.errorText.contains("the TLS port 127.0.0.1:\(port) is in use"), "\(tls.errorText)")
        await server.stop()
    }

    @Test func knowsLoopbackAndWhatIsOpen() async throws {
        func warnings(_ options: [String]) async throws -> String {
            let result = try await run(["server", "--memory"] + options + ["--", "true"])
            return result.errorText
        }
        #expect(try await !warnings(["--listen", "127.0.0.2:0"]).contains("not a loopback"))
        #expect(try await warnings(["--listen", "0.0.0.0:0"]).contains("neither encrypted nor authenticated"))
        let secure = try await warnings(["--listen", "0.0.0.0:0"] + Self.secure)
        #expect(!secure.contains("encrypted") && secure.contains("clients are not authenticated"), "\(secure)")
        let demanding = try await warnings(
            ["--listen", "0.0.0.0:0", "--tls-ca", Self.tls("ca.pem")] + Self.secure)
        #expect(!demanding.contains("loopback address"), "\(demanding)")
    }

    @Test func aLogDirectoryMayBeSpeltInTwoWays() async throws {
        let files = try TemporaryDirectory()
        try FileManager.default.createDirectory(atPath: files.path("data"), withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: files.path("link"), withDestinationPath: files.path("data"))
        for log in ["\(files.path)/./data", "\(files.path)//data/", files.path("link"), "\(files.path)/link/../data"] {
            let text = "dataDir=\(files.path)/data\ndataLogDir=\(log)\n"
            try Data(text.utf8).write(to: files.url("zoo.cfg"))
            let result = try await run(["server", "--port", "0", "--config", files.path("zoo.cfg"), "--", "true"])
            #expect(result.status == 0, "\(log): \(result.errorText)")
        }
    }

    @Test func aLoadOfTooManyConnectionsSaysWhatStopsIt() async throws {
        let server = try await ZooshServer.start()
        let result = try await zoosh(
            "bench", "-s", server.connectString, "-c", "61", "-n", "100", "--warmup", "0", "get")
        #expect(result.status == 3)
        #expect(result.errorText.contains("maxClientCnxns, 60 unless set"), "\(result.errorText)")
        await server.stop()
    }

    // MARK: Help

    @Test(arguments: ["server", "dev", "bench"])
    func helpExplainsThePrograms(name: String) async throws {
        let outside = try await run(["help", name])
        #expect(outside.status == 0, "\(outside.errorText)")
        #expect(outside.outputText.hasPrefix("zoosh \(name): "), "\(outside.outputText)")
        let inside = try await run(["-c", "help \(name)"])
        #expect(inside.outputText == outside.outputText)
        #expect(try await run(["help"]).outputText.contains("  \(name) "))
        #expect(try await run(["help", "serve"]).errorText.contains("did you mean server?"))
    }
}
