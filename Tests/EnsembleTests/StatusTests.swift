import Foundation
import Support
import Testing

/// `zoosh status` on a healthy ensemble and on single servers.
@Suite(.serialized, .timeLimit(.minutes(3))) struct StatusTests {
    private struct Answer: Decodable {
        struct Server: Decodable {
            var endpoint: String
            var role: String
            var zxid: String?
        }

        var servers: [Server]
    }

    @Test func aTableAndAVerdict() async throws {
        let ensemble = try await ApacheEnsemble.shared()
        // One of the three is enough: its configuration tells of the others.
        let result = try await zoosh(ensemble.members[0].connectString, "status")
        #expect(result.status == 0, "\(result.outputText)")
        let lines = result.outputText.split(separator: "\n").map(String.init)
        #expect(lines.count == 5, "\(result.outputText)")
        let columns = lines[0].split(separator: " ").map(String.init)
        for name in ["ENDPOINT", "ROLE", "VERSION", "ZXID", "LAG", "LATENCY", "CONNS", "OUTST", "ZNODES", "WATCHES"] {
            #expect(columns.contains(name))
        }
        let roles = lines[1...3].compactMap { line in ["leader", "follower"].first { line.contains($0) } }
        #expect(roles.sorted() == ["follower", "follower", "leader"])
        #expect(lines[4] == "quorum: 3 of 3 voters serve, 2 needed; one more may fail")
    }

    @Test func jsonAndWatch() async throws {
        let ensemble = try await ApacheEnsemble.shared()
        let result = try await zoosh(ensemble.connectString, "status", "--json")
        let answer = try JSONDecoder().decode(Answer.self, from: Data(result.output))
        #expect(Set(answer.servers.map(\.endpoint)) == Set(ensemble.members.map(\.connectString)))
        #expect(answer.servers.filter { $0.role == "leader" }.count == 1)

        let files = try TemporaryDirectory()
        let child = try ChildProcess(
            BuiltProduct.zoosh, ["-s", ensemble.connectString, "status", "--json", "--watch", "100ms"],
            environment: BuiltProduct.plainEnvironment, output: files.path("out"))
        try await eventually("three answers") {
            ((try? String(contentsOf: files.url("out"), encoding: .utf8)) ?? "").split(separator: "\n").count >= 3
        }
        child.signal(SIGINT)
        #expect(await child.waitForExit() == .status(130))
    }

    @Test func itAnswersFast() async throws {
        let ensemble = try await ApacheEnsemble.shared()
        var millis: [Double] = []
        for _ in 0..<10 {
            let start = ContinuousClock.now
            #expect(try await zoosh(ensemble.connectString, "status").status == 0)
            millis.append((ContinuousClock.now - start) / .milliseconds(1))
        }
        print("status of three servers, whole process, debug build: \(millis.sorted().map { Int($0) }) ms")
        // The other tests keep the machine busy: alone, a release build takes 25 ms.
        #expect(millis.min()! < 1000)
    }

    @Test func theAdminServerAnswersWhenTheWordsAreClosed() async throws {
        let port = try Loopback.freePort()
        let server = try await ZooshServer.start(["--memory", "--4lw", "none", "--admin", "\(port)"])
        // As Apache does, it answers srvr whatever is allowed.
        #expect(try await zoosh(server.connectString, "srvr").outputText.contains("Mode: standalone"))
        let closed = try await zoosh(server.connectString, "ruok")
        #expect(!closed.outputText.contains("imok"), "\(closed.outputText)")
        let status = try await zoosh(server.connectString, "status", "--admin-port", "\(port)")
        #expect(status.status == 0, "\(status.outputText)")
        #expect(status.outputText.contains("standalone server: it serves"))
        await server.stop()
        let down = try await zoosh(server.connectString, "status")
        #expect(down.status == 3)
        #expect(down.outputText.contains("down: no server answers"))
    }
}
