import Foundation
import StoreSupport
import Support
import Testing
import ZKCore
import ZKStore

@testable import ZKReplica

@Suite("Replicas of recorded directories", .timeLimit(.minutes(10)))
struct GoldenReplicaTests {
    /// What Apache accepts only when it is told to, or refuses and a reader does not.
    private static let skipsDamage: Set = ["gap-after-snapshot", "log-only-trusted"]

    private static func open(
        _ name: String, at moment: Moment = .now, skipsDamage: Bool? = nil
    ) throws -> Replica {
        let files = try ReplicaFiles(path: Fixtures.url("datadirs/\(name)").path(percentEncoded: false))
        return try Replica.open(
            files, at: moment, options: .init(skipsDamage: skipsDamage ?? Self.skipsDamage.contains(name)))
    }

    @Test(arguments: GoldenDirectory.all)
    func givesTheTreeThatApacheServed(golden: GoldenDirectory) throws {
        // A header that power loss cut short; nothing in it was ever acknowledged.
        if golden.name == "log-short-header" {
            #expect(try Self.open(golden.name).zxid == .zero)
            return
        }
        guard golden.isRecovered else {
            #expect(throws: StoreError.self) { _ = try Self.open(golden.name) }
            return
        }
        let replica = try Self.open(golden.name)
        #expect(replica.zxid.rawValue == golden.lastZxid)
        #expect(replica.sessions.mapValues(Int64.init) == golden.sessions)
        for (session, paths) in golden.ephemerals {
            #expect(replica.ephemeralPaths(of: session).map(\.string) == paths.sorted())
        }
        #expect(replica.znodeCount == golden.znodes.count)
        for (key, expected) in golden.znodes {
            guard let znode = replica.find(key: key) else {
                Issue.record("\(key) is missing")
                continue
            }
            #expect(znode.described == expected.described, "\(key)")
        }
        if let digest = golden.treeDigest, golden.name != "gap-after-snapshot" { #expect(replica.digest == digest) }
    }

    struct Damage: Sendable, CustomStringConvertible {
        var name: String
        var file: String
        var offset: Int64?
        var readableUpTo: Int64?

        init(_ name: String, _ file: String, _ offset: Int64?, upTo zxid: Int64?) {
            self.name = name
            self.file = file
            self.offset = offset
            readableUpTo = zxid
        }

        var description: String { name }
    }

    static let damages = [
        Damage("bad-crc-middle", "log.1", nil, upTo: 0x29), Damage("bad-crc-last", "log.1", nil, upTo: 0x3d),
        Damage("bad-length-huge", "log.1", nil, upTo: 0x29), Damage("bad-length-negative", "log.1", nil, upTo: 0x29),
        Damage("bad-log-magic", "log.1", 0, upTo: 0), Damage("unknown-txn-type", "log.1", nil, upTo: 0x29),
        Damage("gap-between-logs", "log.20", nil, upTo: nil), Damage("missing-error-txn", "log.1", nil, upTo: 0x30),
        Damage("snapshot-bad-only", "snapshot.", nil, upTo: nil),
        Damage("snapshot-bad-digest-trailer", "snapshot.", nil, upTo: nil),
        Damage("gap-after-snapshot", "log.d", 16, upTo: 0), Damage("poison-ttl", "log.1", nil, upTo: nil),
        Damage("zk38-check", "log.1", nil, upTo: nil),
    ]

    @Test(arguments: damages)
    func namesFileAndByteOfDamage(damage: Damage) throws {
        let error = try #require(throws: StoreError.self) { _ = try Self.open(damage.name, skipsDamage: false) }
        let kinds: [StoreError.Kind] = [.damaged, .gap]
        #expect(kinds.contains(error.kind))
        #expect(error.file.contains("/version-2/\(damage.file)"), "\(error)")
        #expect(error.offset != nil)
        if let offset = damage.offset { #expect(error.offset == offset) }
        guard let last = damage.readableUpTo else { return }
        let zxid = Zxid(rawValue: last)
        #expect(error.wayOut.contains("Readable up to \(zxid)"), "\(error)")
        // What is said to be readable is; what is behind is not.
        #expect(try Self.open(damage.name, at: .zxid(zxid), skipsDamage: false).zxid == zxid)
        #expect(throws: StoreError.self) { _ = try Self.open(damage.name, at: .zxid(zxid.next), skipsDamage: false) }
    }

    @Test func goesOnBehindAHoleOnlyWhenTold() throws {
        let replica = try Self.open("gap-between-logs", skipsDamage: true)
        let hole = try #require(replica.origin.holes.first)
        let before = try #require(hole.before)
        #expect(replica.zxid > before)
        #expect(replica.origin.notices.contains { $0.contains("are missing") })
        for hidden in [hole.after.next, Zxid(rawValue: before.rawValue - 1)] {
            let error = #expect(throws: StoreError.self) {
                _ = try Self.open("gap-between-logs", at: .zxid(hidden), skipsDamage: true)
            }
            #expect(error?.kind == .gap)
        }
        #expect(try Self.open("gap-between-logs", at: .zxid(hole.after), skipsDamage: true).zxid == hole.after)
        #expect(try Self.open("gap-between-logs", at: .zxid(before), skipsDamage: true).zxid == before)
    }

    @Test func refusesMomentsThatTheFilesDoNotReach() throws {
        let after = try #require(throws: StoreError.self) {
            _ = try Self.open("all-txns", at: .zxid(Zxid(rawValue: 0x3f)))
        }
        #expect(after.problem.contains("end at 0x3e"))
        let before = try #require(throws: StoreError.self) {
            _ = try Self.open("snapshot-only", at: .zxid(Zxid(rawValue: 1)))
        }
        #expect(before.wayOut.contains("0x3e"))
        #expect(throws: StoreError.self) { _ = try Self.open("all-txns", at: .time(millis: 1000)) }
    }

    /// The state at the time of a txn is that after the last txn of the same time.
    @Test func findsTheTxnThatATimeMeans() throws {
        let files = try ReplicaFiles(path: Fixtures.url("datadirs/split-logs").path(percentEncoded: false))
        let cursor = TxnCursor(files, after: nil)
        var times: [(zxid: Zxid, millis: Int64)] = []
        while let txn = try cursor.next() { times.append((txn.header.zxid, txn.header.timeMillis)) }
        for time in times {
            let expected = times.last { $0.millis <= time.millis }?.zxid
            let replica = try Self.open("split-logs", at: .time(millis: time.millis))
            #expect(replica.zxid == expected)
            #expect(replica.origin.millis == times.first { $0.zxid == expected }?.millis)
        }
        #expect(try Self.open("split-logs", at: .time(millis: .max)).zxid == times.last?.zxid)
    }

    @Test(arguments: GoldenDirectory.all)
    func writesASnapshotFromWhichTheSameTreeComes(golden: GoldenDirectory) throws {
        guard golden.isRecovered else { return }
        let replica = try Self.open(golden.name)
        let directory = try TemporaryDirectory()
        for name in ["snapshot.\(replica.zxid.hex)", "snapshot.\(replica.zxid.hex).gz"] {
            let writer = try SnapshotWriter(
                path: directory.path(name), zxid: replica.zxid, fileSystem: PosixFileSystem())
            try replica.write(to: writer)
            let again = try Replica.open(try ReplicaFiles(path: directory.path(name)))
            #expect(again.digest == replica.digest)
            #expect(again.sessions == replica.sessions)
            #expect(again.differences(from: replica).isEmpty)
            #expect(again.origin.windowEnd == replica.zxid)
        }
    }
}
