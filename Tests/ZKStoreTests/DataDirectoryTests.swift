import Foundation
import NIOCore
import StoreSupport
import Support
import Testing
import ZKCore

@testable import ZKStore

@Suite(.timeLimit(.minutes(10))) struct DataDirectoryTests {
    @Test func createsPrivateDirectoriesAndFiles() throws {
        let temporary = try TemporaryDirectory()
        let path = temporary.path("deep/er/data")
        let directory = try DataDirectory.open(DataDirectoryOptions(dataDirectory: path))
        defer { directory.close() }
        var tree = ModelTree()
        let report = try directory.recover(into: &tree)
        #expect(report.isNew)
        #expect(report.lastZxid == .zero)
        #expect(try Self.mode(path) == 0o700)
        #expect(try Self.mode("\(path)/version-2") == 0o700)
        #expect(try Self.mode("\(path)/zoosh.lock") == 0o600)
        try Self.writeSnapshot(7, in: directory)
        #expect(try Self.mode("\(path)/version-2/snapshot.7") == 0o600)
        let log = directory.makeLog()
        try log.append(TxnLogTests.record(8), firstZxid: Zxid(rawValue: 8))
        try log.close()
        #expect(try Self.mode("\(path)/version-2/log.8") == 0o600)
    }

    @Test func oneServerAtATime() throws {
        let temporary = try TemporaryDirectory()
        let options = DataDirectoryOptions(dataDirectory: temporary.path("data"))
        let first = try DataDirectory.open(options)
        let error = #expect(throws: StoreError.self) { _ = try DataDirectory.open(options) }
        #expect(error?.kind == .inUse)
        #expect(error?.file == temporary.path("data"))
        #expect(error?.problem.contains("process \(ProcessInfo.processInfo.processIdentifier)") == true)
        // A look needs no lock.
        _ = try DataDirectory.openReadOnly(options)
        first.close()
        try DataDirectory.open(options).close()
    }

    /// A pipe would hold up the start for ever.
    @Test(.timeLimit(.minutes(1)), arguments: ["log.ffff", "snapshot.ffff"], ["pipe", "directory"])
    func readsNothingButFiles(name: String, kind: String) throws {
        let temporary = try TemporaryDirectory()
        let directory = try DataDirectory.open(DataDirectoryOptions(dataDirectory: temporary.path("data")))
        defer { directory.close() }
        try Self.writeSnapshot(7, in: directory)
        let path = temporary.path("data/version-2/\(name)")
        #expect((kind == "pipe" ? mkfifo(path, 0o600) : mkdir(path, 0o700)) == 0)
        var tree = ModelTree()
        let error = #expect(throws: StoreError.self) { _ = try directory.recover(into: &tree) }
        #expect(error?.file.hasSuffix(name) == true)
        #expect(error?.description.contains("no regular file. Move it away") == true)
    }

    @Test func doesNotCreateWhenTold() throws {
        let temporary = try TemporaryDirectory()
        var options = DataDirectoryOptions(dataDirectory: temporary.path("data"))
        options.createsDirectories = false
        let error = #expect(throws: StoreError.self) { _ = try DataDirectory.open(options) }
        #expect(error?.wayOut.contains("datadir.autocreate") == true)
        #expect(!FileManager.default.fileExists(atPath: temporary.path("data")))
    }

    @Test func keepsLogsApartWhenConfigured() throws {
        let temporary = try TemporaryDirectory()
        let options = DataDirectoryOptions(
            dataDirectory: temporary.path("data"), dataLogDirectory: temporary.path("logs"))
        let directory = try DataDirectory.open(options)
        var tree = ModelTree()
        _ = try directory.recover(into: &tree)
        try Self.writeSnapshot(0, in: directory)
        let log = directory.makeLog()
        try log.append(TxnLogTests.record(1), firstZxid: Zxid(rawValue: 1))
        try log.close()
        directory.close()
        #expect(FileManager.default.fileExists(atPath: temporary.path("data/version-2/snapshot.0")))
        #expect(FileManager.default.fileExists(atPath: temporary.path("logs/version-2/log.1")))
        let again = try DataDirectory.open(options)
        #expect(try again.recover(into: &tree).lastZxid == Zxid(rawValue: 1))
        again.close()
        // A log where the snapshots are would be overlooked.
        try FileManager.default.moveItem(
            atPath: temporary.path("logs/version-2/log.1"), toPath: temporary.path("data/version-2/log.1"))
        let error = #expect(throws: StoreError.self) { _ = try DataDirectory.open(options) }
        #expect(error?.kind == .unusable)
        #expect(error?.wayOut.contains(temporary.path("logs/version-2")) == true)
    }

    @Test func removesWhatAnInterruptedSnapshotLeft() throws {
        let temporary = try TemporaryDirectory()
        let path = try GoldenDirectory("all-txns").copy(in: temporary)
        try Data([1]).write(to: URL(filePath: "\(path)/version-2/tmp-snapshot.3e"))
        let directory = try DataDirectory.open(DataDirectoryOptions(dataDirectory: path))
        defer { directory.close() }
        #expect(!FileManager.default.fileExists(atPath: "\(path)/version-2/tmp-snapshot.3e"))
    }

    @Test func purgeKeepsWhatARecoveryNeeds() throws {
        let temporary = try TemporaryDirectory()
        let path = temporary.path("data")
        let directory = try DataDirectory.open(DataDirectoryOptions(dataDirectory: path))
        defer { directory.close() }
        var tree = ModelTree()
        _ = try directory.recover(into: &tree)
        for zxid in [0, 10, 20, 30] as [Int64] { try Self.writeSnapshot(zxid, in: directory) }
        let names = ["log.1", "log.b", "log.10", "log.15", "snapshot.25", "torn-log.1.77"]
        for name in names { try Data([1]).write(to: URL(filePath: "\(path)/version-2/\(name)")) }
        // Not enough whole ones: snapshot.25 (0x25) is not.
        #expect(try directory.purge(keeping: 5) == [])
        let removed = try directory.purge(keeping: 2).map { $0.split(separator: "/").last.map(String.init) ?? "" }
        // snapshot.14 (20) stays, and with it log.10, which goes on behind it.
        #expect(Set(removed) == ["snapshot.0", "snapshot.a", "log.1", "log.b"])
        let left = try FileManager.default.contentsOfDirectory(atPath: "\(path)/version-2")
        #expect(Set(left) == ["snapshot.14", "snapshot.1e", "snapshot.25", "log.10", "log.15", "torn-log.1.77"])
    }

    /// `log.1` is lost, and what snapshot.14 held with it: the older snapshot alone would be a step back.
    @Test func refusesToGoBackBehindASnapshotThatCannotBeRead() throws {
        let temporary = try TemporaryDirectory()
        let path = temporary.path("data")
        let directory = try DataDirectory.open(DataDirectoryOptions(dataDirectory: path))
        defer { directory.close() }
        var tree = ModelTree()
        _ = try directory.recover(into: &tree)
        try Self.writeSnapshot(0, in: directory)
        try Data([1]).write(to: URL(filePath: "\(path)/version-2/snapshot.14"))
        let error = #expect(throws: StoreError.self) { _ = try directory.recover(into: &tree) }
        #expect(error?.kind == .gap)
        #expect(error?.file.hasSuffix("snapshot.14") == true)
    }

    @Test func readsCopiesOfLogsOnce() throws {
        let temporary = try TemporaryDirectory()
        let path = try GoldenDirectory("split-logs").copy(in: temporary)
        // An older state of log.1, as a backup leaves it: Apache ZooKeeper would replay its txns once more.
        let log = try Data(contentsOf: URL(filePath: "\(path)/version-2/log.1"))
        try log.prefix(1500).write(to: URL(filePath: "\(path)/version-2/log.1.bak"))
        let directory = try DataDirectory.open(DataDirectoryOptions(dataDirectory: path))
        defer { directory.close() }
        var tree = ModelTree()
        let report = try directory.recover(into: &tree)
        tree.removeOrphans()
        #expect(report.lastZxid.rawValue == 0x3e)
        #expect(report.txnsReplayed == 0x3e)
        GoldenRecoveryTests.compare(tree, try GoldenDirectory("split-logs"))
    }

    @Test(
        arguments: [
            ("log.1a", "1a", true), ("log.5.bak", "5", true), ("snapshot.0", "0", false), ("snapshot.7.gz", "7", false),
            ("log.ffffffffffffffff", nil, true), ("log.", nil, true), ("log", nil, true), ("log.zz", nil, true),
            ("snapshot.tmp", nil, false), ("tmp-snapshot.7", nil, false), ("torn-log.1.5", nil, true),
            ("currentEpoch", nil, true), ("logs.1", nil, true),
        ] as [(String, String?, Bool)])
    func readsNamesAsApacheDoes(name: String, zxid: String?, isLog: Bool) {
        let read = StoreFileName(name)
        #expect(read?.zxid.hex == zxid)
        if let read { #expect(read.kind == (isLog ? .log : .snapshot)) }
    }

    static func mode(_ path: String) throws -> Int {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int ?? 0
    }

    static func writeSnapshot(_ zxid: Int64, in directory: DataDirectory) throws {
        let writer = try directory.makeSnapshotWriter(zxid: Zxid(rawValue: zxid))
        try writer.write(sessions: [])
        try writer.write(aclLists: [])
        var znodes = ByteBuffer()
        SnapshotFormat.encodeZnode(
            path: UnsafeRawBufferPointer(start: nil, count: 0), data: nil, aclID: SnapshotFormat.openACLID,
            stat: StatPersisted(), into: &znodes)
        try writer.write(znodes: znodes)
        try writer.finish(trailers: SnapshotTrailers())
    }
}
