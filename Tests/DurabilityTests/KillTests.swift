import Foundation
import Support
import Synchronization
import Testing
import ZKClient
import ZKCore

/// A real server, killed again and again while clients write: nothing that it acknowledged is lost.
///
/// `ZOOSH_TEST_KILL_ROUNDS` sets the number of rounds.
@Suite(.timeLimit(.minutes(10))) struct KillTests {
    static let rounds = ProcessInfo.processInfo.environment["ZOOSH_TEST_KILL_ROUNDS"].flatMap(Int.init) ?? 50
    static let writers = 24

    /// What one writer has asked for and what was acknowledged, over all lives of the server.
    struct Record {
        var tried = 0
        var acknowledged = 0
        var pairTried = 0
        var pairAcknowledged = 0
        /// Sequential znodes by path, with the number they hold.
        var sequential: [ZnodePath: Int] = [:]
        var lastZxid = Zxid.zero
    }

    final class Records: Sendable {
        let all = Mutex([Record](repeating: Record(), count: KillTests.writers))

        func update(_ writer: Int, _ change: (inout Record) -> Void) {
            all.withLock { change(&$0[writer]) }
        }
    }

    @Test func losesNothingAcknowledged() async throws {
        let seed = UInt64.random(in: .min ... .max)
        var generator = SeededGenerator(seed: seed)
        let directory = try TemporaryDirectory()
        let server = try ServerProcess(dataDirectory: directory.path("data"))
        let records = Records()
        try await server.start("snapCount=300")
        let observer = try Self.client(server)
        for parent in ["/counter", "/first", "/second", "/sequence"] as [ZnodePath] {
            try await observer.create(parent)
        }
        try await observer.create("/observer", mode: .ephemeral)
        for writer in 0..<Self.writers {
            for parent in ["counter", "first", "second"] {
                try await observer.create(try ZnodePath("/\(parent)/\(writer)"), data: Self.bytes(0))
            }
        }
        for round in 1...Self.rounds {
            let clients = try (0..<4).map { _ in try Self.client(server) }
            let work = (0..<Self.writers).map { writer in
                Task { await Self.write(writer, clients[writer % clients.count], records) }
            }
            try await Task.sleep(for: .milliseconds(Int.random(in: 1...90, using: &generator)))
            await server.kill()
            for task in work { task.cancel() }
            for task in work { await task.value }
            try await server.start("snapCount=300")
            try await Self.check(server, records, "round \(round), seed \(seed)")
        }
        let acknowledged = records.all.withLock { $0.reduce(0) { $0 + $1.acknowledged + $1.sequential.count } }
        #expect(acknowledged > Self.rounds * Self.writers, "there was hardly any load")
        // The session has outlived all of them, and so has its znode.
        let stat = try #require(try await observer.exists("/observer"))
        #expect(stat.ephemeralOwner == observer.session.id)
        await observer.close()
    }

    private static func client(_ server: ServerProcess) throws -> ZooKeeperClient {
        var configuration = ClientConfiguration(connectString: try ConnectString(server.connectString))
        configuration.sessionTimeout = .seconds(600)
        configuration.closeTimeout = .milliseconds(1)
        return ZooKeeperClient(configuration: configuration)
    }

    /// Writes until the first failure, which is the end of the server.
    private static func write(_ writer: Int, _ client: ZooKeeperClient, _ records: Records) async {
        do {
            let counter = try ZnodePath("/counter/\(writer)")
            let (first, second) = (try ZnodePath("/first/\(writer)"), try ZnodePath("/second/\(writer)"))
            while !Task.isCancelled {
                let number = records.all.withLock { all in
                    all[writer].tried += 1
                    return all[writer].tried
                }
                let stat = try await client.setData(counter, data: bytes(number))
                records.update(writer) {
                    $0.acknowledged = number
                    $0.lastZxid = stat.mzxid
                }
                if number % 3 == 0 {
                    records.update(writer) { $0.pairTried = number }
                    _ = try await client.multi([
                        .setData(first, data: bytes(number)), .setData(second, data: bytes(number)),
                    ])
                    records.update(writer) { $0.pairAcknowledged = number }
                }
                if number % 5 == 0 {
                    let path = try await client.create(
                        "/sequence/s-", data: bytes(writer * 1_000_000 + number), mode: .persistentSequential)
                    records.update(writer) { $0.sequential[path] = writer * 1_000_000 + number }
                }
            }
        } catch {}
    }

    private static func check(_ server: ServerProcess, _ records: Records, _ what: String) async throws {
        let client = try Self.client(server)
        let children = Set(try await client.getChildren("/sequence"))
        for writer in 0..<writers {
            let record = records.all.withLock { $0[writer] }
            let (data, stat) = try await client.getData(try ZnodePath("/counter/\(writer)"))
            let number = Self.number(data)
            #expect(record.acknowledged...record.tried ~= number, "\(what): the counter of \(writer)")
            #expect(stat.mzxid >= record.lastZxid, "\(what): a zxid is older than an acknowledged one")
            let first = Self.number(try await client.getData(try ZnodePath("/first/\(writer)")).data)
            let second = Self.number(try await client.getData(try ZnodePath("/second/\(writer)")).data)
            #expect(first == second, "\(what): half a multi")
            #expect(record.pairAcknowledged...max(record.pairTried, 0) ~= first, "\(what): the pair of \(writer)")
            for (path, number) in record.sequential {
                guard children.contains(String(path.string.dropFirst("/sequence/".count))) else {
                    Issue.record("\(what): \(path) is lost")
                    continue
                }
                // Reading all of them again each time would take most of the test.
                guard number % 7 == 0 else { continue }
                #expect(Self.number(try await client.getData(path).data) == number, "\(what): \(path) was given twice")
            }
            // What was shown must stay, and a number that is there was not given again.
            records.update(writer) {
                ($0.acknowledged, $0.tried) = (number, max(number, $0.tried))
                ($0.pairAcknowledged, $0.pairTried) = (first, max(first, $0.pairTried))
            }
        }
        await client.close()
    }

    private static func bytes(_ number: Int) -> [UInt8] { Array("\(number)".utf8) }

    private static func number(_ data: [UInt8]?) -> Int { Int(String(decoding: data ?? [], as: UTF8.self)) ?? -1 }
}
