import Foundation
import Support
import Testing
import ZKClient
import ZKCore

/// One data directory, served in turn by Apache ZooKeeper and by zoosh: each serves what the other wrote.
@Suite(.timeLimit(.minutes(10))) struct InterchangeTests {
    /// A client that may do everything and whose session lives through all servers.
    private static func client(_ port: UInt16) throws -> ZooKeeperClient {
        var configuration = ClientConfiguration(connectString: try ConnectString("127.0.0.1:\(port)"))
        configuration.sessionTimeout = .seconds(600)
        configuration.requestTimeout = .seconds(60)
        configuration.auth = [AuthInfo(scheme: "digest", credentials: Array("super:golden".utf8))]
        return ZooKeeperClient(configuration: configuration)
    }

    private static func expectSame(_ before: TreeImage, _ after: TreeImage, _ what: String) {
        let differences = after.differences(from: before)
        #expect(differences.isEmpty, "\(what): \(differences.prefix(5).joined(separator: "\n"))")
    }

    @Test func serversTakeTurns() async throws {
        let apache = try await ApacheServer.start()
        let zoosh = try ServerProcess(dataDirectory: apache.dataDirectory, port: apache.port)
        let client = try Self.client(apache.port)
        try await client.create("/mine", data: [1], mode: .ephemeral)
        let session = client.session
        var workload = Workload(seed: 20)
        var image = TreeImage.empty
        for round in 1...3 {
            try await workload.run(client)
            image = try await TreeImage(of: apache.port, with: client)
            #expect(image.znodes.count > round * 20)
            if round == 2 { await apache.stop() } else { await apache.kill() }

            try await zoosh.start("snapCount=\(round == 2 ? 40 : 100_000)")
            Self.expectSame(
                image, try await TreeImage(of: zoosh.port, with: client), "zoosh after Apache, round \(round)")
            try await workload.run(client)
            image = try await TreeImage(of: zoosh.port, with: client)
            await zoosh.kill()
            // Once more by itself, so that Apache also reads a log that zoosh has recovered from.
            if round == 3 {
                try await zoosh.start()
                try await workload.run(client)
                image = try await TreeImage(of: zoosh.port, with: client)
                await zoosh.kill()
            }

            try apache.launch()
            try await apache.waitUntilServing()
            Self.expectSame(
                image, try await TreeImage(of: apache.port, with: client), "Apache after zoosh, round \(round)")
        }
        #expect(client.session.id == session.id)
        #expect(try await client.exists("/mine")?.ephemeralOwner == session.id)
        // Apache computes the digest of the tree with each txn it replays, and compares it with what zoosh logged.
        let log = try String(contentsOf: apache.directory.url("log"), encoding: .utf8)
        #expect(!log.contains("Digests are not matching"))
        #expect(!log.contains("digest mismatch"))
        await client.close()
        await apache.kill()
    }

    /// How a user outgrows one machine.
    @Test func anEnsembleStartsFromTheDirectory() async throws {
        let directory = try TemporaryDirectory()
        let zoosh = try ServerProcess(dataDirectory: directory.path("data"))
        try await zoosh.start("snapCount=60")
        let client = try Self.client(zoosh.port)
        var workload = Workload(seed: 21)
        for _ in 0..<3 { try await workload.run(client) }
        let image = try await TreeImage(of: zoosh.port, with: client)
        await zoosh.kill()

        let ensemble = try ApacheEnsemble.prepare(size: 3)
        for member in ensemble.members {
            try FileManager.default.copyItem(
                atPath: directory.path("data/version-2"), toPath: "\(member.dataDirectory)/version-2")
        }
        for member in ensemble.members { try member.launch() }
        try await ensemble.waitUntilServing()
        for member in ensemble.members {
            let reader = try Self.client(member.port)
            var served = try await TreeImage(of: member.port, with: reader)
            // An ensemble begins another epoch, keeps its own members in config, and has the session that reads.
            served.zxid = image.zxid
            served.ephemerals = image.ephemerals
            served.znodes["/zookeeper/config"] = image.znodes["/zookeeper/config"]
            Self.expectSame(image, served, "member \(member.id)")
            await reader.close()
        }
        // And it goes on from there.
        let writer = try Self.client(ensemble.members[2].port)
        let path = try await writer.create("/w1/s-2-", mode: .persistentSequential)
        #expect(image.znodes[path.string] == nil)
        #expect(try await writer.exists(path)?.czxid.epoch == 1)
        await writer.close()
        await ensemble.stop()
        await client.close()
    }
}

extension TreeImage {
    static let empty = TreeImage()

    private init() {}
}
