import Foundation
import NIOCore
import StoreSupport
import Support
import Synchronization
import Testing
import ZKCore

@testable import ZKStore

/// A snapshot leaves room for the log, and nothing of itself when it fails.
@Suite(.timeLimit(.minutes(10))) struct LogRoomTests {
    private final class Room: Sendable {
        let freeBytes = Mutex(Int64.max)

        var fileSystem: WatchedFileSystem { WatchedFileSystem(freeBytes: { self.freeBytes.withLock { $0 } }) }

        func set(_ bytes: Int64) { freeBytes.withLock { $0 = bytes } }
    }

    private static func open(_ room: Room, _ temporary: TemporaryDirectory) throws -> DataDirectory {
        let directory = try DataDirectory.open(
            DataDirectoryOptions(dataDirectory: temporary.path("data")), fileSystem: room.fileSystem)
        var tree = ModelTree()
        _ = try directory.recover(into: &tree)
        return directory
    }

    private static func names(_ directory: DataDirectory) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory.snapshotDirectory).sorted()
    }

    @Test func theFirstSnapshotIsWrittenWhateverIsFree() throws {
        let temporary = try TemporaryDirectory()
        let room = Room()
        room.set(1000)
        let directory = try Self.open(room, temporary)
        try DataDirectoryTests.writeSnapshot(0, in: directory)
        #expect(try Self.names(directory) == ["snapshot.0"])
    }

    @Test func aSnapshotThatIsKnownNotToFitIsNotBegun() throws {
        let temporary = try TemporaryDirectory()
        let room = Room()
        let directory = try Self.open(room, temporary)
        try DataDirectoryTests.writeSnapshot(0, in: directory)
        room.set(LogRoom.keptBytes + 9_999)
        let error = #expect(throws: StoreError.self) {
            _ = try directory.makeSnapshotWriter(zxid: Zxid(rawValue: 5), bytes: 10_000)
        }
        #expect(error?.kind == .system(errno: ENOSPC))
        #expect(error?.description.contains("kept for the log") == true)
        #expect(try Self.names(directory) == ["snapshot.0"])
        room.set(LogRoom.keptBytes + 10_000)
        _ = try directory.makeSnapshotWriter(zxid: Zxid(rawValue: 5), bytes: 10_000)
        try DataDirectoryTests.writeSnapshot(5, in: directory)
        #expect(try Self.names(directory) == ["snapshot.0", "snapshot.5"])
    }

    @Test func aSnapshotThatTakesTheRoomOfTheLogStopsAndIsGone() throws {
        let temporary = try TemporaryDirectory()
        let room = Room()
        let directory = try Self.open(room, temporary)
        try DataDirectoryTests.writeSnapshot(0, in: directory)
        func write() throws {
            let writer = try directory.makeSnapshotWriter(zxid: Zxid(rawValue: 5))
            try writer.write(sessions: [])
            try writer.write(aclLists: [])
            for _ in 0..<20 { try writer.write(znodes: ByteBuffer(repeating: 7, count: 1 << 20)) }
            #expect(try Self.names(directory) == ["snapshot.0", "tmp-snapshot.5"])
            room.set(LogRoom.keptBytes + 1000)
            for _ in 0..<20 { try writer.write(znodes: ByteBuffer(repeating: 7, count: 1 << 20)) }
        }
        let error = #expect(throws: StoreError.self) { try write() }
        #expect(error?.kind == .system(errno: ENOSPC))
        #expect(try Self.names(directory) == ["snapshot.0"])
    }

    /// Otherwise a server that is killed again and again fills the disk with nothing.
    @Test func theRoomOfAKilledServerIsGivenBack() throws {
        let temporary = try TemporaryDirectory()
        let options = DataDirectoryOptions(dataDirectory: temporary.path("data"))
        let path = temporary.path("data/version-2/log.8")
        func bytes() throws -> Int64 {
            try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int64 ?? -1
        }
        let first = try DataDirectory.open(options)
        var tree = ModelTree()
        _ = try first.recover(into: &tree)
        try DataDirectoryTests.writeSnapshot(7, in: first)
        let log = first.makeLog()
        try log.append(TxnLogTests.record(8), firstZxid: Zxid(rawValue: 8))
        try log.sync()
        let end = log.fileBytes
        #expect(try bytes() > end)
        first.close()
        // The log was not closed.
        let second = try DataDirectory.open(options)
        defer { second.close() }
        #expect(try second.recover(into: &tree).lastZxid == Zxid(rawValue: 8))
        #expect(try bytes() == end)
    }

    @Test func theMachineTellsWhatIsFree() throws {
        let temporary = try TemporaryDirectory()
        let room = try #require(PosixFileSystem().room(in: temporary.path))
        #expect(room.freeBytes > 0)
        #expect(room.device == PosixFileSystem().room(in: "\(temporary.path)/.")?.device)
        #expect(PosixFileSystem().room(in: temporary.path("missing")) == nil)
    }
}
