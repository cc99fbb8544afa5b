import Foundation
import Support
import Testing
import ZKClient
import ZKCore
import ZKText

@testable import ZKShell

/// A backup holds what was there, and gives it back.
@Suite(.timeLimit(.minutes(5))) struct BackupTests {
    @Test(arguments: TransferServer.allCases)
    func aWalkComesBackIntoAnEmptyEnsemble(_ server: TransferServer) async throws {
        let shell = try await server.shell()
        var random = SeededGenerator(seed: 21)
        try await shell.create("/app")
        try await shell.createRandomTree("/app/t", count: 60, from: &random)
        try await shell.create("/app/queue", "/app/queue/a")
        for _ in 0..<5 {
            try await shell.client.delete(try await shell.client.create("/app/queue/n-", mode: .persistentSequential))
        }
        let other = try await shell.client()
        try await other.create("/app/member", mode: .ephemeral)
        let before = try await shell.tree("/app")
        let files = try TemporaryDirectory()
        let file = files.path("b.zkb")
        let made = await shell.run("backup -o \(file) /app")
        #expect(made.status == 0, "\(made.errors)")
        let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(!FileManager.default.fileExists(atPath: file + ".partial"))
        #expect(await shell.run("backup -o \(file) /app").status == 2)
        #expect(try await shell.output("backup verify \(file)").contains("tree.jsonl.gz"))
        let json = try await shell.json("backup ls \(file)")
        let isOneMoment = json[0]["zxid"]?["first"] == json[0]["zxid"]?["last"]
        #expect(made.errors.contains { $0.contains("this is no single moment") } == !isOneMoment, "\(made.errors)")
        #expect(json[0]["kind"] == "tree" && json[0]["root"] == "/app" && json[0]["ephemerals"] == 1)
        await other.close()

        _ = try await shell.output("deleteall /app")
        #expect(await shell.run("restore \(file) --plan").status == 1)
        #expect(try await !shell.exists("/app"))
        let restored = await shell.run("restore \(file)")
        #expect(restored.status == 0, "\(restored.errors)")
        #expect(restored.errors.contains { $0.contains("1 ephemeral znodes of the source are left out") })
        #expect(try await shell.tree("/app") == before.filter { $0.path != "/member" })
        #expect(try await shell.nextNumber(below: "/app/queue") == 6)
        #expect(await shell.run("restore \(file) --plan").status == 0)

        // What is there is not overwritten by itself.
        try await shell.client.setData("/app/queue/a", data: Array("new".utf8))
        let refused = await shell.run("restore \(file)")
        #expect(refused.status == 5 && refused.errors.last?.contains("--merge") == true, "\(refused.errors)")
        try await shell.create("/app/more")
        #expect(await shell.run("restore --merge \(file)").status == 0)
        #expect(try await shell.exists("/app/more"))
        #expect(await shell.run("restore --replace --yes \(file)").status == 0)
        #expect(try await !shell.exists("/app/more"))
        #expect(await shell.run("restore \(file) /app/t --to /x/y").status == 0)
        #expect(try await shell.tree("/x/y") == shell.tree("/app/t"))
        #expect(await shell.run("restore \(file) /none").status == 4)
        #expect(await shell.run("restore \(file) --data-dir \(files.path("d"))").status == 2)
    }

    @Test func whatACLsHideIsNamed() async throws {
        let owner = try await ShellHarness { $0.credentials = [.init(scheme: "digest", secret: Array("joe:s".utf8))] }
        try await owner.create("/a", "/a/open")
        try await owner.client.create("/a/secret", acl: .creatorAll)
        let shell = try await ShellHarness(server: nil) { $0.server = owner.session.options.server }
        let files = try TemporaryDirectory()
        let result = await shell.run("backup -o \(files.path("b")) /a")
        #expect(result.status == 9 && result.errors.contains { $0.contains("/a/secret") }, "\(result.errors)")
        #expect(try await shell.json("backup ls \(files.path("b"))")[0]["unread"] == 1)
        // What is not known does not count as deleted.
        #expect(await owner.run("restore --replace --yes \(files.path("b"))").status == 0)
        #expect(try await owner.exists("/a/secret"))
    }

    /// A snapshot of a real server gives directories from which real servers start.
    @Test func filesGiveWholeServersBack() async throws {
        let first = try await ApacheServer.start()
        let writer = try await ShellHarness(server: first.connectString) { $0.server = first.connectString }
        var random = SeededGenerator(seed: 22)
        try await writer.createRandomTree("/t", count: 80, from: &random)
        try await writer.client.create("/t/member", mode: .ephemeral)
        let before = try await writer.tree("/t").filter { $0.path != "/member" }
        let files = try TemporaryDirectory()
        let backup = files.path("b.zkb")
        let offline = try OfflineShell(first.dataDirectory)
        let made = await offline.run("backup -o \(backup)")
        #expect(made.status == 0, "\(made.errors)")
        #expect(
            made.output.contains("kind files") && made.output.contains("1 of the znodes ephemeral"), "\(made.output)")
        #expect(await offline.run("backup verify \(backup)").status == 0)

        // One server.
        let one = files.path("one")
        let restored = await writer.run("restore \(backup) --data-dir \(one)")
        #expect(restored.status == 0, "\(restored.errors)")
        #expect(restored.errors.contains { $0.contains("1 ephemeral znodes are left out") }, "\(restored.errors)")
        let second = try await ApacheServer.start(dataFrom: one)
        let reader = try await ShellHarness(server: second.connectString) { $0.server = second.connectString }
        #expect(try await reader.tree("/t") == before)
        #expect(await writer.run("restore \(backup) --data-dir \(one)").status == 2)

        // As a plan, into what another server holds.
        #expect(await reader.run("restore \(backup) /t --to /copy").status == 0)
        #expect(try await reader.tree("/copy") == before)

        // Three servers.
        let ports = try (0..<9).map { _ in try Loopback.freePort() }
        let members = (0..<3).map { "127.0.0.1:\(ports[$0]):\(ports[$0 + 3]):\(ports[$0 + 6])" }.joined(separator: ",")
        let three = files.path("three")
        let ensemble = await writer.run("restore \(backup) --data-dir \(three) --ensemble \(members) --epoch 7")
        #expect(ensemble.status == 0, "\(ensemble.errors)")
        #expect(ensemble.output.contains("epoch 8."), "\(ensemble.output)")
        for number in 1...3 {
            let directory = "\(three)/server-\(number)"
            #expect(try String(contentsOfFile: directory + "/myid", encoding: .utf8) == "\(number)\n")
            for name in ["acceptedEpoch", "currentEpoch"] {
                #expect(try String(contentsOfFile: "\(directory)/version-2/\(name)", encoding: .utf8) == "8")
            }
            let config = await (try OfflineShell(directory)).run("get /zookeeper/config").output
            #expect(
                config.split(separator: "\n").count == 4 && config.contains("server.3=127.0.0.1:\(ports[2]):"),
                "\(config)")
            let lines = try String(contentsOfFile: directory + "/zoo.cfg", encoding: .utf8).split(separator: "\n")
            #expect(lines.filter { $0.hasPrefix("server.") }.count == 3)
            #expect(lines.contains("dataDir=\(directory)"))
        }
        let servers = try (1...3).map { number in
            try ChildProcess(
                "java",
                [
                    "-Dzookeeper.admin.enableServer=false", "-cp", try ApacheInstallation.classPath(),
                    ApacheInstallation.mainClass, "\(three)/server-\(number)/zoo.cfg",
                ])
        }
        defer { for server in servers { server.kill() } }
        let addresses = (6..<9).map { "127.0.0.1:\(ports[$0])" }.joined(separator: ",")
        let client = try await ShellHarness(server: addresses) {
            $0.server = addresses
            $0.connectTimeout = .seconds(120)
        }
        #expect(try await client.tree("/t") == before)
        try await client.create("/after")
    }

    @Test func aDamagedBackupIsRefusedInOneLine() async throws {
        let shell = try await ShellHarness()
        try await shell.create("/a", "/a/1=x", "/a/2=x")
        let files = try TemporaryDirectory()
        #expect(await shell.run("backup -o \(files.path("b")) /a").status == 0)
        let whole = try Data(contentsOf: files.url("b"))
        var damaged: [String: Data] = ["empty": Data(), "text": Data("hello\n".utf8)]
        for length in [100, 512, 513, 700, 1024, 1500, 2048, whole.count - 1024, whole.count - 1025] {
            damaged["cut\(length)"] = whole.prefix(length)
        }
        for offset in stride(from: 0, to: whole.count - 1024, by: 97) {
            var bytes = whole
            bytes[offset] ^= 0x10
            damaged["flip\(offset)"] = bytes
        }
        try await shell.create("/b=before")
        for (name, bytes) in damaged {
            try bytes.write(to: files.url(name))
            let result = await shell.run("backup verify \(files.path(name))")
            // A flip in the padding behind a part changes nothing.
            if result.status == 0, name.hasPrefix("flip") { continue }
            #expect(result.status == 11, "\(name): \(result)")
            #expect(result.errors.count == 1, "\(name): \(result.errors)")
            let restored = await shell.run("restore --replace --yes \(files.path(name)) --to /b")
            #expect([2, 11].contains(restored.status), "\(name): \(restored)")
        }
        #expect(try await shell.client.getData("/b").data == Array("before".utf8))
        #expect(await shell.run("restore \(files.path("none"))").status == 74)
        #expect(await shell.run("restore \(files.path("b")) --ensemble a").status == 2)
        #expect(await shell.run("backup -o x --to y").status == 2)
        #expect(await shell.run("backup -o \(files.path("x")) --via files").status == 2)
    }
}
