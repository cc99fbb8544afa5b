import StoreSupport
import Support
import Testing
import ZKCore
import ZKStore

@testable import ZKReplica

/// At every moment, the tree is the one that a server had after that txn.
@Suite("Replicas of past moments", .timeLimit(.minutes(10)))
struct MomentTests {
    /// What a model of a server does to a disk, with snapshots while writes go on, rolls and purges.
    private final class Life {
        let disk: SimulatedDisk
        var states: [Zxid: ModelTree] = [.zero: ModelTree()]

        init(seed: UInt64, batches: Int) throws {
            disk = SimulatedDisk(seed: seed)
            let server = try ModelServer(disk: disk, seed: seed) { self.states[$0.lastZxid] = $0 }
            try server.run(batches: batches) { _ in }
        }

        func open(at moment: Moment) throws -> Replica {
            try Replica.open(try ReplicaFiles(path: "/var/zoosh", fileSystem: disk), at: moment)
        }
    }

    @Test(arguments: 1...12 as ClosedRange<UInt64>)
    func givesTheStateAfterEachTxn(seed: UInt64) throws {
        let life = try Life(seed: seed, batches: 14)
        let files = try ReplicaFiles(path: "/var/zoosh", fileSystem: life.disk)
        var known = 0
        for (zxid, state) in life.states.sorted(by: { $0.key < $1.key }) {
            do {
                let replica = try life.open(at: .zxid(zxid))
                #expect(replica.zxid == zxid, "seed \(seed)")
                #expect(replica.isEqual(to: state), "seed \(seed), after \(zxid)")
                known += 1
            } catch let error as StoreError {
                // Before the end of the first snapshot that is left. From then on nothing may be missing.
                #expect(known == 0, "seed \(seed), after \(zxid): \(error)")
                #expect(error.kind == .gap)
            }
        }
        #expect(known > 8, "seed \(seed), \(files.snapshots.count) snapshots")
        #expect(try life.open(at: .now).zxid == life.states.keys.max())
    }

    /// Where a snapshot does not tell the end of its window, an older one is taken as far as the logs reach.
    @Test(arguments: 1...6 as ClosedRange<UInt64>)
    func trustsNoWindowThatIsNotTold(seed: UInt64) throws {
        let life = try Life(seed: seed, batches: 10)
        try life.disk.removeTrailers()
        let files = try ReplicaFiles(path: "/var/zoosh", fileSystem: life.disk)
        let (first, last) = (try #require(files.snapshots.first), try #require(files.snapshots.last))
        var exact = 0
        for (zxid, state) in life.states where zxid >= last.zxid {
            let replica = try life.open(at: .zxid(zxid))
            #expect(replica.origin.snapshotZxid == first.zxid, "seed \(seed): only it is known to be done by then")
            #expect(replica.isEqual(to: state), "seed \(seed), after \(zxid)")
            exact += 1
        }
        #expect(exact > 0)
        // The first snapshot alone: there is no older one, and it says so.
        for (zxid, _) in life.states where zxid > first.zxid && zxid < last.zxid {
            #expect(try life.open(at: .zxid(zxid)).origin.notices.contains { $0.contains("may hold changes after") })
        }
    }

    /// Cut anywhere, a log is read up to its last whole record; nothing traps.
    @Test func readsUpToTheLastWholeRecord() throws {
        let life = try Life(seed: 3, batches: 6)
        let files = try ReplicaFiles(path: "/var/zoosh", fileSystem: life.disk)
        let newest = try #require(files.logs.last)
        let path = files.path(of: newest)
        let end = try life.disk.open(path, for: .reading).size()
        var last = Zxid(rawValue: .max)
        for size in stride(from: end, to: 16, by: -7) {
            try life.disk.open(path, for: .readingAndWriting).truncate(to: size)
            let replica = try life.open(at: .now)
            #expect(replica.zxid <= last)
            last = replica.zxid
            let state = try #require(life.states[last])
            #expect(replica.isEqual(to: state), "cut at \(size)")
        }
        #expect(last < newest.zxid)
    }
}

extension Replica {
    /// Whether a client could not tell the two apart.
    func isEqual(to state: ModelTree) -> Bool {
        guard sessions == state.sessions, znodeCount == state.znodes.count else { return false }
        return state.znodes.allSatisfy { path, expected in
            guard let znode = znode(ZnodePath(unchecked: path.string)) else { return false }
            return znode.data == expected.data && znode.acl == expected.acl ?? .openUnsafe
                && znode.statPersisted == expected.stat
        }
    }
}

extension SimulatedDisk {
    /// Leaves of all snapshots what a server before 3.6 would have written.
    fileprivate func removeTrailers() throws {
        let directory = "/var/zoosh/version-2"
        for name in try list(directory) where name.hasPrefix("snapshot.") {
            let file = try open("\(directory)/\(name)", for: .readingAndWriting)
            // A digest and a zxid, each with its seal.
            try file.truncate(to: try file.size() - (20 + 13) - (8 + 13))
        }
    }
}
