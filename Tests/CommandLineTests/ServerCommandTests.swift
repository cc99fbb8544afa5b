import Foundation
import Glibc
import Support
import Testing
import ZKClient
import ZKCore

/// `zoosh server` and its options, as processes that start it see them.
@Suite(.timeLimit(.minutes(10)))
struct ServerCommandTests {
    private static func client(_ server: ZooshServer) throws -> ZooKeeperClient {
        var configuration = ClientConfiguration(connectString: try ConnectString(server.connectString))
        configuration.sessionTimeout = .seconds(30)
        return ZooKeeperClient(configuration: configuration)
    }

    // MARK: -- CMD

    @Test func passesTheStatusOfItsCommandOn() async throws {
        #expect(try await zoosh("server", "--", "sh", "-c", "exit 7").status == 7)
        #expect(try await zoosh("server", "--", "true").status == 0)
        #expect(try await zoosh("server", "--", "sh", "-c", "kill -TERM $$").status == 128 + 15)
        #expect(try await zoosh("server", "--", "/no/such/program").status == 127)
    }

    @Test func givesItsCommandAServerOfItsOwn() async throws {
        let files = try TemporaryDirectory()
        let script =
            #"test "$ZOOSH_SERVER" = "$ZOOKEEPER_CONNECT" && "$0" create /mine 1 && "$0" get /mine && echo "$ZOOSH_SERVER""#
        let result = try await ChildProcess.run(
            BuiltProduct.zoosh, ["server", "--", "sh", "-c", script, BuiltProduct.zoosh],
            environment: BuiltProduct.plainEnvironment.merging(["TMPDIR": files.path]) { $1 }, limit: .seconds(120))
        #expect(result.status == 0, "\(result.errorText)")
        let lines = result.outputText.split(separator: "\n")
        #expect(lines.dropLast() == ["Created /mine", "1"])
        #expect(lines.last?.hasPrefix("127.0.0.1:") == true)
        #expect(lines.last != "127.0.0.1:2181", "a port that is free, not the usual one")
        #expect(try FileManager.default.contentsOfDirectory(atPath: files.path).isEmpty, "its directory is gone")
    }

    // MARK: Start

    @Test func tellsItsPortOnADescriptor() async throws {
        let files = try TemporaryDirectory()
        let script =
            #""$0" server --memory --port 0 --ready-fd 3 --port-file "$1/port" 3>"$1/ready" & "#
            + #"while ! [ -s "$1/ready" ]; do sleep 0.02; done; kill $!; wait $!"#
        let result = try await ChildProcess.run(
            "/bin/sh", ["-c", script, BuiltProduct.zoosh, files.path], environment: BuiltProduct.plainEnvironment,
            limit: .seconds(120))
        #expect(result.status == 0, "SIGTERM is a clean end: \(result.errorText)")
        let port = try String(contentsOf: files.url("ready"), encoding: .utf8)
        #expect(port == (try String(contentsOf: files.url("port"), encoding: .utf8)))
        #expect(result.errorText == "listening on 127.0.0.1:\(port)")
    }

    @Test func importsAFile() async throws {
        let files = try TemporaryDirectory()
        let source = try await ZooshServer.start()
        _ = try await zoosh("create", "-p", "/app/config", "8080", server: source.connectString)
        let export = try await zoosh("export", "-o", files.path("app.zk"), "/app", server: source.connectString)
        try #require(export.status == 0, "\(export.errorText)")
        await source.stop()
        let server = try await ZooshServer.start(["--memory", "--import", files.path("app.zk")])
        let client = try Self.client(server)
        // It is there as soon as the server says that it listens.
        #expect(try await client.getData("/app/config").data == Array("8080".utf8))
        await client.close()
        await server.stop()
    }

    @Test func doesNotStartWithoutItsImport() async throws {
        let result = try await zoosh("server", "--memory", "--port", "0", "--import", "/no/such/file")
        #expect(result.status == 74, "\(result.errorText)")
        #expect(!result.errorText.contains("listening on"))
    }

    @Test(arguments: [
        ["--port", "70000"], ["--listen", "nowhere"], ["--tick-time", "0"], ["--log", "loud"], ["--fault", "drop=2"],
        ["--fault", "burn=1"], ["--super", "nobody"], ["--config", "/no/such/file"], ["--no-such-option"],
    ])
    func wrongOptionsAreRefused(options: [String]) async throws {
        let result = try await ChildProcess.run(
            BuiltProduct.zoosh, ["server", "--memory"] + options, environment: BuiltProduct.plainEnvironment,
            limit: .seconds(120))
        #expect(result.status == 2)
        #expect(result.errorText.hasPrefix("zoosh: server: "), "\(result.errorText)")
        #expect(result.errorText.split(separator: "\n").count == 1, "\(result.errorText)")
    }

    @Test func namesTheKeysThatChangeNothing() async throws {
        let files = try TemporaryDirectory()
        let text = "dataDir=\(files.path)/data\nclientPort=1\ninitLimit=5\nfrobnicate=yes\ntickTime=500\n"
        try Data(text.utf8).write(to: files.url("zoo.cfg"))
        // The options win over the file: port 1 is nobody's.
        let server = try await ZooshServer.start(["--config", files.path("zoo.cfg")])
        #expect(server.messages.contains("zoo.cfg: initLimit: ignored, this server runs alone"), "\(server.messages)")
        #expect(server.messages.contains("zoo.cfg: frobnicate: ignored"), "\(server.messages)")
        #expect(!server.messages.contains("tickTime"))
        #expect(try await Loopback.ask("conf", port: server.port).contains("tickTime=500"))
        #expect(await server.stop() == .status(0))
    }

    @Test func itsFilesArePrivateAndItsDirectoryIsItsOwn() async throws {
        let files = try TemporaryDirectory()
        let server = try await ZooshServer.start(["--data-dir", files.path("data")])
        let client = try Self.client(server)
        try await client.create("/a")
        let manager = FileManager.default
        for name in ["data", "data/version-2"] {
            #expect(
                try manager.attributesOfItem(atPath: files.path(name))[.posixPermissions] as? Int == 0o700, "\(name)")
        }
        for name in try manager.contentsOfDirectory(atPath: files.path("data/version-2")) {
            let mode = try manager.attributesOfItem(atPath: files.path("data/version-2/\(name)"))[.posixPermissions]
            #expect(mode as? Int == 0o600, "\(name)")
        }
        let second = try await zoosh("server", "--port", "0", "--data-dir", files.path("data"))
        #expect(second.status == 74)
        #expect(second.errorText.contains("process \(server.pid) uses this data directory"), "\(second.errorText)")
        #expect(try await client.exists("/a") != nil)
        await client.close()
        await server.stop()
    }

    // MARK: End

    @Test(arguments: [SIGTERM, SIGINT])
    func endsCleanly(signal: Int32) async throws {
        let files = try TemporaryDirectory()
        let server = try await ZooshServer.start(["--data-dir", files.path("data")])
        let client = try Self.client(server)
        try await client.create("/kept", data: [1])
        #expect(await server.stop(with: signal) == .status(0), "\(server.messages)")
        let again = try await ZooshServer.start(["--data-dir", files.path("data")])
        let reader = try Self.client(again)
        #expect(try await reader.getData("/kept").data == [1])
        await reader.close()
        await again.stop()
        await client.close()
    }

    @Test func outlivesItsTerminal() async throws {
        let server = try await ZooshServer.start()
        kill(server.pid, SIGHUP)
        let client = try Self.client(server)
        try await client.create("/a")
        kill(server.pid, SIGHUP)
        #expect(try await client.exists("/a") != nil)
        await client.close()
        #expect(await server.stop() == .status(0))
    }

    // MARK: Super user

    @Test(arguments: [true, false])
    func theSuperUserIsAPasswordOrADigest(isDigest: Bool) async throws {
        let user = isDigest ? try await Self.digest(of: "super:secret") : "super:secret"
        let server = try await ZooshServer.start(["--memory", "--super", user])
        let owner = try Self.client(server)
        try await owner.create("/closed", acl: [ACL(perms: .all, scheme: "digest", id: "joe:x")])
        await #expect(throws: ZooKeeperError.self) { _ = try await owner.getData("/closed") }
        var configuration = ClientConfiguration(connectString: try ConnectString(server.connectString))
        configuration.auth = [AuthInfo(scheme: "digest", credentials: Array("super:secret".utf8))]
        let superUser = ZooKeeperClient(configuration: configuration)
        #expect(try await superUser.getData("/closed").stat.version == 0)
        await superUser.close()
        await owner.close()
        await server.stop()
    }

    private static func digest(of credentials: String) async throws -> String {
        let result = try await zoosh("digest", credentials)
        return result.outputText.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    // MARK: Faults

    @Test func lostRepliesAndLostRequestsAreBothMade() async throws {
        let server = try await ZooshServer.start(["--memory", "--fault", "drop=0.3,seed=5"])
        #expect(server.messages.contains("this server makes faults on purpose"))
        var configuration = ClientConfiguration(connectString: try ConnectString(server.connectString))
        configuration.sessionTimeout = .seconds(30)
        let client = ZooKeeperClient(configuration: configuration)
        var unknown: [ZnodePath] = []
        for number in 0..<60 {
            let path = try ZnodePath("/n\(number)")
            do {
                try await client.create(path)
            } catch {
                unknown.append(path)
            }
        }
        #expect((5...40).contains(unknown.count), "\(unknown.count) of 60 broke the connection")
        var done = 0
        for path in unknown where try await Self.exists(path, client) { done += 1 }
        #expect(done > 0, "some were done, and only their reply was lost")
        #expect(done < unknown.count, "some were never handled")
        await client.close()
        await server.stop()
    }

    /// Asks until a reply comes through.
    private static func exists(_ path: ZnodePath, _ client: ZooKeeperClient) async throws -> Bool {
        var answer: Bool?
        try await eventually(within: .seconds(60), "a reply") {
            do { answer = try await client.exists(path) != nil } catch {}
            return answer != nil
        }
        return answer ?? false
    }

    @Test func repliesComeLate() async throws {
        let server = try await ZooshServer.start(["--memory", "--fault", "delay=150ms"])
        let client = try Self.client(server)
        _ = try await client.exists("/")
        let began = ContinuousClock.now
        try await client.create("/a")
        #expect(try await client.getChildren("/").contains("a"))
        #expect(ContinuousClock.now - began >= .milliseconds(300))
        await client.close()
        await server.stop()
    }

    @Test func sessionsEndEarly() async throws {
        let server = try await ZooshServer.start(["--memory", "--tick-time", "100", "--fault", "expire=300ms"])
        let client = try Self.client(server)
        try await client.create("/mine", mode: .ephemeral)
        // It asks all the time, and loses its session all the same.
        try await eventually(within: .seconds(60), "the end of the session") {
            do {
                _ = try await client.exists("/")
                return false
            } catch let error as ZooKeeperError {
                return error.code == .sessionExpired
            }
        }
        await client.close()
        await server.stop()
    }
}
