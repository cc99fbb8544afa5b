import Support
import ZKClient
import ZKCore

/// Writes of every kind, the same for the same seed.
struct Workload {
    private var generator: SeededGenerator
    private var round = 0

    init(seed: UInt64) {
        generator = SeededGenerator(seed: seed)
    }

    /// Some dozen writes, some of which fail, below `/w<round>`; ephemerals belong to `client`.
    mutating func run(_ client: ZooKeeperClient) async throws {
        round += 1
        let base = "/w\(round)"
        try await client.create(try ZnodePath(base), data: nil)
        let joe = ACL(perms: .all, scheme: "digest", id: "joe:oesAybBun9icKJjQSTRN8OBueSc=")
        for number in 0..<12 {
            let path = try ZnodePath("\(base)/n\(number)")
            let data = (0..<Int.random(in: 0...900, using: &generator)).map { UInt8(truncatingIfNeeded: $0 * number) }
            let acl: [ACL] = number % 3 == 0 ? [ACL(perms: .read, identity: .anyone), joe] : .openUnsafe
            try await client.create(path, data: number == 5 ? nil : data, acl: acl)
        }
        for mode in [CreateMode.persistentSequential, .ephemeralSequential, .ephemeral] {
            try await client.create(try ZnodePath("\(base)/s-\(mode.rawValue)-"), data: [1], mode: mode)
        }
        try await client.create(try ZnodePath("\(base)/container"), mode: .container)
        try await client.create(try ZnodePath("\(base)/container/child"))
        try await client.create(
            try ZnodePath("\(base)/ttl"), data: [9], mode: .persistentWithTTL, ttl: .seconds(86_400 * 365))
        try await client.create(try ZnodePath("\(base)/é中文-Ж"), data: Array("é".utf8))
        for _ in 0..<30 {
            try await step(client, base)
        }
        _ = try? await client.delete(try ZnodePath("\(base)/missing"))
        _ = try? await client.setData(try ZnodePath("\(base)/n1"), data: [], version: 99)
    }

    private mutating func step(_ client: ZooKeeperClient, _ base: String) async throws {
        let number = Int.random(in: 0..<12, using: &generator)
        let path = try ZnodePath("\(base)/n\(number)")
        switch Int.random(in: 0..<6, using: &generator) {
        case 0, 1: _ = try? await client.setData(path, data: [UInt8(number)])
        case 2: _ = try? await client.delete(path)
        case 3: _ = try? await client.create(path, data: [3])
        case 4: _ = try? await client.setACL(path, acl: [ACL(perms: .all, identity: .anyone)])
        default:
            // Create sub-txns of type create only: servers before 3.9 lose the others when they start again.
            _ = try? await client.multi([
                .create(try ZnodePath("\(base)/m-"), data: [7], mode: .persistentSequential),
                .setData(path, data: [8]),
                .check(path, version: number % 2 == 0 ? 99 : -1),
            ])
        }
    }
}
