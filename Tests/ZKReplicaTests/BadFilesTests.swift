import Foundation
import Support
import Testing
import ZKCore
import ZKStore

@testable import ZKReplica

@Suite("Replicas of what is not right", .timeLimit(.minutes(2)))
struct BadFilesTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func error(of path: String, at moment: Moment = .now) throws -> StoreError {
        try #require(throws: StoreError.self) {
            _ = try Replica.open(try ReplicaFiles(path: path), at: moment)
        }
    }

    @Test func namesWhatIsMissingOrOfAnotherKind() throws {
        #expect(try error(of: directory.path("none")).isMissingFile)
        #expect(try error(of: directory.path).kind == .unusable)
        try Data("x".utf8).write(to: directory.url("notes.txt"))
        #expect(try error(of: directory.path("notes.txt")).kind == .unusable)
    }

    @Test func refusesASnapshotOfANewerFormat() throws {
        let data = try directory.copy(ofFixture: "datadirs/snapshot-only", as: "data")
        let path = "\(data)/version-2/snapshot.3e"
        var bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
        bytes[7] = 3
        try Data(bytes).write(to: URL(filePath: path))
        let error = try error(of: path)
        #expect(error.kind == .damaged)
        #expect(error.offset == 4)
        #expect(error.problem.contains("format 3"))
    }

    /// Whatever one byte of a snapshot or of a log becomes, and wherever they end, nothing traps.
    @Test(arguments: ["snapshot-only/version-2/snapshot.3e", "split-logs/version-2/log.20"])
    func survivesEveryDamage(file: String) throws {
        let name = String(file.prefix { $0 != "/" })
        let data = try directory.copy(ofFixture: "datadirs/\(name)", as: name)
        let path = directory.path(file)
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
        var generator = SeededGenerator(seed: 11)
        for offset in stride(from: 0, to: min(bytes.count, 6000), by: 13) {
            var changed = bytes
            changed[offset] ^= UInt8.random(in: 1...255, using: &generator)
            try Data(changed).write(to: URL(filePath: path))
            _ = try? Replica.open(try ReplicaFiles(path: data))
            try Data(bytes[..<offset]).write(to: URL(filePath: path))
            _ = try? Replica.open(try ReplicaFiles(path: data))
        }
    }

    @Test func aNewestSnapshotWithoutItsEndIsBeingWritten() throws {
        let data = try directory.copy(ofFixture: "datadirs/all-txns", as: "data")
        let whole = [UInt8](try Data(contentsOf: Fixtures.url("datadirs/snapshot-only/version-2/snapshot.3e")))
        try Data(whole.dropLast(40)).write(to: URL(filePath: "\(data)/version-2/snapshot.3e"))
        let replica = try Replica.open(try ReplicaFiles(path: data))
        #expect(replica.zxid == Zxid(rawValue: 0x3e))
        #expect(replica.origin.notices.contains { $0.contains("as while a server writes it") })
    }

    @Test func nothingIsOpenedForWriting() throws {
        let data = try directory.copy(ofFixture: "datadirs/fuzzy-live", as: "data")
        let files = try FileManager.default.subpathsOfDirectory(atPath: data)
        for file in files {
            try FileManager.default.setAttributes([.posixPermissions: 0o400], ofItemAtPath: "\(data)/\(file)")
        }
        try FileManager.default.setAttributes([.posixPermissions: 0o500], ofItemAtPath: "\(data)/version-2")
        defer {
            try? FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: "\(data)/version-2")
        }
        let disk = ReadOnlyFileSystem()
        _ = try Replica.open(try ReplicaFiles(path: data, fileSystem: disk))
        #expect(try FileManager.default.subpathsOfDirectory(atPath: data) == files)
    }
}

/// A disk of which nothing but reading is asked.
private struct ReadOnlyFileSystem: FileSystem {
    private let base = PosixFileSystem()

    func open(_ path: String, for access: FileAccess) throws(StoreError) -> any OpenFile {
        precondition(access == .reading, "only reading")
        return try base.open(path, for: access)
    }
    func status(of path: String) throws(StoreError) -> FileStatus? { try base.status(of: path) }
    func list(_ directory: String) throws(StoreError) -> [String] { try base.list(directory) }
    func create(_ path: String) throws(StoreError) -> any OpenFile { preconditionFailure("only reading") }
    func createDirectory(_ path: String) throws(StoreError) { preconditionFailure("only reading") }
    func rename(_ old: String, to new: String) throws(StoreError) { preconditionFailure("only reading") }
    func unlink(_ path: String) throws(StoreError) { preconditionFailure("only reading") }
    func syncDirectory(_ path: String) throws(StoreError) { preconditionFailure("only reading") }
    func lock(_ path: String) throws(StoreError) -> (any FileLock)? { preconditionFailure("only reading") }
}
