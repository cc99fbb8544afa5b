import Foundation
import StoreSupport
import Support
import Testing
import ZKCore

@testable import ZKStore

/// The data directories of real servers: each ends as `expected.json` says.
@Suite(.timeLimit(.minutes(10))) struct GoldenRecoveryTests {
    /// Where zoosh decides otherwise, on purpose.
    /// - `gap-after-snapshot`: Apache ZooKeeper starts with a tree that never was; zoosh refuses unless told to accept it.
    /// - `log-short-header`: power loss leaves such a file at a roll, and Apache ZooKeeper refuses it.
    static let otherwise: Set<String> = ["gap-after-snapshot", "log-short-header"]

    @Test(arguments: GoldenDirectory.all) func recoversOrRefuses(_ golden: GoldenDirectory) throws {
        let temporary = try TemporaryDirectory()
        let path = try golden.copy(in: temporary)
        let before = try Self.contents(of: path)
        var options = DataDirectoryOptions(dataDirectory: path)
        options.trustsMissingSnapshot = golden.name == "log-only-trusted"
        let directory = try DataDirectory.open(options)
        defer { directory.close() }
        var tree = ModelTree()
        if golden.isRecovered != Self.otherwise.contains(golden.name) {
            let report = try directory.recover(into: &tree)
            #expect(report.lastZxid.rawValue == golden.lastZxid)
            tree.removeOrphans()
            if golden.isRecovered { Self.compare(tree, golden) }
            // Once more: what was repaired is now in order.
            var again = ModelTree()
            let second = try directory.recover(into: &again)
            again.removeOrphans()
            #expect(again == tree)
            #expect(second.lastZxid == report.lastZxid)
            #expect(second.tornTail == nil)
        } else {
            let error = #expect(throws: StoreError.self) { _ = try directory.recover(into: &tree) }
            #expect(error?.description.contains(path) == true)
            #expect(error?.wayOut.isEmpty == false)
            // A directory that is refused is left alone.
            #expect(try Self.contents(of: path) == before)
        }
    }

    static func compare(_ tree: ModelTree, _ golden: GoldenDirectory) {
        #expect(tree.sessions.mapValues(Int64.init) == golden.sessions)
        #expect(Set(tree.znodes.keys.map(\.string)) == Set(golden.znodes.keys))
        var childCounts: [UString: Int32] = [:]
        for path in tree.znodes.keys where path != "/" { childCounts[ModelTree.parent(of: path), default: 0] += 1 }
        for (path, znode) in tree.znodes {
            guard let expected = golden.znodes[path.string] else { continue }
            let stat = znode.stat.stat(
                dataLength: Int32(znode.data?.count ?? 0), numChildren: childCounts[path] ?? 0)
            let isStatistics = path.string.hasSuffix("/zookeeper_stats")
            if !isStatistics {
                #expect(Self.fields(stat) == expected.stat, "\(path)")
                if expected.data?.hasPrefix("sha256:") != true {
                    #expect(znode.data.map { Data($0).base64EncodedString() } == expected.data, "\(path)")
                }
            }
            #expect(Int64(znode.stat.cversion) == expected.persistedCVersion, "\(path)")
            #expect(znode.stat.ephemeralOwner == expected.persistedEphemeralOwner, "\(path)")
            let acl = (znode.acl ?? .openUnsafe).map { "\($0.perms.rawValue) \($0.identity.scheme) \($0.identity.id)" }
            #expect(acl == expected.acl, "\(path)")
        }
        if let digest = golden.treeDigest, !golden.log.contains(where: { $0.contains("digest mismatch") }) {
            #expect(tree.treeDigest == digest)
        }
    }

    private static func fields(_ stat: Stat) -> [String: Int64] {
        [
            "czxid": stat.czxid.rawValue, "mzxid": stat.mzxid.rawValue, "ctime": stat.ctimeMillis,
            "mtime": stat.mtimeMillis, "version": Int64(stat.version), "cversion": Int64(stat.cversion),
            "aversion": Int64(stat.aversion), "ephemeralOwner": stat.ephemeralOwner,
            "dataLength": Int64(stat.dataLength), "numChildren": Int64(stat.numChildren), "pzxid": stat.pzxid.rawValue,
        ]
    }

    static func contents(of path: String) throws -> [String: Data] {
        var contents: [String: Data] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: "\(path)/version-2") {
            contents[name] = try Data(contentsOf: URL(filePath: "\(path)/version-2/\(name)"))
        }
        return contents
    }

    @Test func acceptsAGapAfterTheSnapshotWhenTold() throws {
        let temporary = try TemporaryDirectory()
        var options = DataDirectoryOptions(
            dataDirectory: try GoldenDirectory("gap-after-snapshot").copy(in: temporary))
        options.acceptsGapAfterSnapshot = true
        let directory = try DataDirectory.open(options)
        var tree = ModelTree()
        let report = try directory.recover(into: &tree)
        #expect(report.lastZxid.rawValue == 0x3e)
        #expect(report.notices.contains { $0.contains("missing") })
    }

    @Test func keepsTheTornBytesAside() throws {
        let temporary = try TemporaryDirectory()
        let path = try GoldenDirectory("torn-tail").copy(in: temporary)
        let before = try #require(try Self.contents(of: path)["log.1"])
        let directory = try DataDirectory.open(DataDirectoryOptions(dataDirectory: path))
        var tree = ModelTree()
        let report = try directory.recover(into: &tree)
        let torn = try #require(report.tornTail)
        #expect(torn.offset == 3978)
        #expect(torn.bytes == 66)
        #expect(report.notices.contains { $0.contains("66 bytes") && $0.contains("torn-log.1.3978") })
        let after = try Self.contents(of: path)
        #expect(after["log.1"] == before.prefix(3978))
        #expect(after["torn-log.1.3978"] == before[3978..<3978 + 66])
        #expect(StoreFileName("torn-log.1.3978") == nil)
    }

    @Test func aLookLeavesEverythingAsItIs() throws {
        for name in ["torn-tail", "empty-tail-log", "log-short-header", "all-txns"] {
            let temporary = try TemporaryDirectory()
            let path = try GoldenDirectory(name).copy(in: temporary)
            let before = try Self.contents(of: path)
            let directory = try DataDirectory.openReadOnly(DataDirectoryOptions(dataDirectory: path))
            var tree = ModelTree()
            _ = try directory.recover(into: &tree)
            #expect(try Self.contents(of: path) == before)
            #expect(try FileManager.default.contentsOfDirectory(atPath: path).contains(DataDirectory.lockName) == false)
        }
    }
}
