import Foundation
import Support
import Testing
import ZKClient
import ZKCore
import ZKReplica
import ZKStore

/// What a real server showed after its txns is what its files give, while it goes on writing them.
@Suite(.timeLimit(.minutes(10))) struct RecordedStatesTests {
    private static func client(_ port: UInt16) throws -> ZooKeeperClient {
        var configuration = ClientConfiguration(connectString: try ConnectString("127.0.0.1:\(port)"))
        configuration.sessionTimeout = .seconds(600)
        configuration.requestTimeout = .seconds(60)
        configuration.auth = [AuthInfo(scheme: "digest", credentials: Array("super:golden".utf8))]
        return ZooKeeperClient(configuration: configuration)
    }

    /// States by the zxid that the server had when they were read.
    private struct Recording {
        let port: UInt16
        let client: ZooKeeperClient
        var states: [Zxid: TreeImage] = [:]

        mutating func note() async throws {
            let image: TreeImage
            do {
                image = try await TreeImage(of: port, with: client)
            } catch let error as ZooKeeperError where error.code == .noNode {
                // Reaped between the listing of its parent and now.
                return
            }
            let after = try await Self.zxid(of: port)
            // Otherwise something came while it was read, such as the end of a container.
            guard image.zxid == after, let value = Int64(after.dropFirst(2), radix: 16) else { return }
            states[Zxid(rawValue: value)] = image
        }

        private static func zxid(of port: UInt16) async throws -> String {
            let lines = try await Loopback.ask("srvr", port: port).split(separator: "\n")
            return lines.first { $0.hasPrefix("Zxid: ") }.map { String($0.dropFirst(6)) } ?? "none"
        }
    }

    @Test(arguments: [1, 2] as [UInt64]) func filesGiveWhatTheServerShowed(seed: UInt64) async throws {
        var options = ApacheOptions.standard
        options.properties["znode.container.checkIntervalMs"] = "300"
        options.properties["zookeeper.snapCount"] = "120"
        let apache = try await ApacheServer.start(options)
        let client = try Self.client(apache.port)
        var recording = Recording(port: apache.port, client: client)
        var script = RandomScript(seed: seed)
        for round in 0..<4 {
            for _ in 0..<25 {
                try await script.step(client)
                try await recording.note()
            }
            // A session that goes takes its znodes with it.
            let other = try Self.client(apache.port)
            try await other.create(try ZnodePath("/gone-\(round)"), mode: .ephemeral)
            try await other.create(try ZnodePath("/gone-\(round)-"), mode: .ephemeralSequential)
            try await recording.note()
            await other.close()
            try await recording.note()
            // The server removes what is empty or old, when it likes to.
            try await client.create(try ZnodePath("/container-\(round)"), mode: .container)
            try await client.create(try ZnodePath("/container-\(round)/child"))
            try await client.create(
                try ZnodePath("/ttl-\(round)"), mode: .persistentWithTTL, ttl: .milliseconds(1))
            try await recording.note()
            try await client.delete(try ZnodePath("/container-\(round)/child"))
            try await eventually("the container and the TTL znode are gone") {
                let container = try await client.exists(try ZnodePath("/container-\(round)"))
                let ttl = try await client.exists(try ZnodePath("/ttl-\(round)"))
                return container == nil && ttl == nil
            }
            try await recording.note()
            // Snapshots are written while this goes on.
            try await script.burst(client)
            try await recording.note()
        }
        await client.close()

        var generator = SeededGenerator(seed: seed)
        let files = try ReplicaFiles(path: apache.dataDirectory)
        #expect(files.snapshots.count > 2)
        #expect(recording.states.count > 80, "seed \(seed)")
        for (zxid, image) in recording.states.shuffled(using: &generator).prefix(100) {
            let replica = try Replica.open(files, at: .zxid(zxid))
            let differences = TreeImage(of: replica).differences(from: image)
            #expect(differences.isEmpty, "seed \(seed), after \(zxid): \(differences.prefix(3))")
        }
    }
}

/// Writes of every kind to a few znodes.
private struct RandomScript {
    private var generator: SeededGenerator

    init(seed: UInt64) {
        generator = SeededGenerator(seed: seed)
    }

    mutating func step(_ client: ZooKeeperClient) async throws {
        let path = try ZnodePath("/n\(Int.random(in: 0..<8, using: &generator))")
        let data = (0..<Int.random(in: 0...200, using: &generator)).map { UInt8(truncatingIfNeeded: $0) }
        switch Int.random(in: 0..<8, using: &generator) {
        case 0, 1: _ = try? await client.create(path, data: data)
        case 2, 3: _ = try? await client.setData(path, data: Bool.random(using: &generator) ? nil : data)
        case 4: _ = try? await client.delete(path)
        case 5:
            let acl = ACL(perms: Bool.random(using: &generator) ? .all : .read, identity: .anyone)
            _ = try? await client.setACL(path, acl: [acl])
        case 6: _ = try? await client.create(path.appending("c-"), data: data, mode: .persistentSequential)
        default:
            // Create sub-txns of type create only: servers before 3.9 lose the others when they start again.
            _ = try? await client.multi([
                .setData(path, data: data), .create("/m-", data: [7], mode: .persistentSequential),
                .check(path, version: Bool.random(using: &generator) ? 99 : -1),
            ])
        }
    }

    /// Many writes under way at once.
    mutating func burst(_ client: ZooKeeperClient) async throws {
        let seeds = (0..<400).map { _ in generator.next() }
        await withTaskGroup { group in
            for seed in seeds {
                group.addTask {
                    var script = RandomScript(seed: seed)
                    try? await script.step(client)
                }
            }
        }
    }
}

extension TreeImage {
    /// What a server with this tree would show, when it is asked by a client that may see everything.
    init(of replica: Replica) {
        self = .empty
        zxid = replica.zxid.description
        replica.root.forEachAtOrBelow { znode in
            znodes[znode.path.string] = Znode(data: znode.data, stat: znode.stat, acl: znode.acl)
        }
        for session in replica.sessionsWithEphemerals {
            ephemerals.append("0x" + String(session, radix: 16) + ":")
            ephemerals += replica.ephemeralPaths(of: session).map { "\t\($0)" }
        }
        ephemerals.sort()
    }
}
