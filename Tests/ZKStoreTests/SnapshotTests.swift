import Foundation
import NIOCore
import StoreSupport
import Support
import Testing
import ZKCore

@testable import ZKStore

/// Keeps the elements in the order of the file.
struct RecordingSink: SnapshotSink {
    var sessions: [(id: Int64, timeoutMillis: Int32)] = []
    var aclLists: [(id: Int64, acl: [ACL])] = []
    var znodes = ByteBuffer()
    var paths: [String] = []

    mutating func session(id: Int64, timeoutMillis: Int32) { sessions.append((id, timeoutMillis)) }
    mutating func aclList(id: Int64, _ acl: [ACL]) { aclLists.append((id, acl)) }
    mutating func znode(
        path: UnsafeRawBufferPointer, data: UnsafeRawBufferPointer?, aclID: Int64, stat: StatPersisted
    ) throws(RecoveryRefusal) {
        paths.append(String(decoding: path, as: UTF8.self))
        SnapshotFormat.encodeZnode(path: path, data: data, aclID: aclID, stat: stat, into: &znodes)
    }

    func write(to writer: SnapshotWriter, trailers: SnapshotTrailers) throws {
        try writer.write(sessions: sessions)
        try writer.write(aclLists: aclLists)
        try writer.write(znodes: znodes)
        try writer.finish(trailers: trailers)
    }
}

@Suite(.timeLimit(.minutes(10))) struct SnapshotTests {
    static let whole: [String] = GoldenDirectory.all.flatMap { golden -> [String] in
        let directory = Fixtures.url("datadirs/\(golden.name)/version-2").path(percentEncoded: false)
        return try! FileManager.default.contentsOfDirectory(atPath: directory)
            .filter { $0.hasPrefix("snapshot.") && !golden.name.hasPrefix("snapshot-bad") }
            .filter { !(golden.name == "snapshot-empty-file" && $0 == "snapshot.3e") }
            .map { "\(directory)/\($0)" }.sorted()
    }

    @Test(arguments: whole) func readsAndWritesTheSameBytes(_ path: String) throws {
        let temporary = try TemporaryDirectory()
        let compression = SnapshotCompression(fileName: path)
        let file = try PosixFileSystem().open(path, for: .reading)
        #expect(try SnapshotReader.looksWhole(file, compression: compression))
        var sink = RecordingSink()
        let summary = try SnapshotReader.read(file, compression: compression, into: &sink)
        #expect(summary.znodes == sink.paths.count)
        #expect(sink.paths.first == "")
        let zxid = try #require(StoreFileName(path.split(separator: "/").last.map(String.init) ?? "")).zxid
        let writer = try SnapshotWriter(
            fileSystem: PosixFileSystem(), directory: temporary.path, zxid: zxid, compression: .none, onFinish: {})
        try sink.write(to: writer, trailers: summary.trailers)
        let written = try PosixFileSystem().open(writer.path, for: .reading).readAll()
        if compression == .none, summary.trailers.lastProcessedZxid != nil {
            #expect(written == (try file.readAll()))
        } else if compression == .none {
            // Without the trailers of later versions.
            let bytes = try file.readAll()
            #expect(written.starts(with: bytes))
        }
        var again = RecordingSink()
        let second = try SnapshotReader.read(
            try PosixFileSystem().open(writer.path, for: .reading), compression: .none, into: &again)
        #expect(second.znodes == summary.znodes)
        #expect(again.znodes == sink.znodes)
    }

    @Test func packsWithGzip() throws {
        let temporary = try TemporaryDirectory()
        let path = Fixtures.url("datadirs/fuzzy-live/version-2/snapshot.90f").path(percentEncoded: false)
        var sink = RecordingSink()
        let summary = try SnapshotReader.read(
            try PosixFileSystem().open(path, for: .reading), compression: .none, into: &sink)
        let writer = try SnapshotWriter(
            fileSystem: PosixFileSystem(), directory: temporary.path, zxid: Zxid(rawValue: 0x90f), compression: .gzip,
            onFinish: {})
        #expect(writer.path.hasSuffix("/snapshot.90f.gz"))
        try sink.write(to: writer, trailers: summary.trailers)
        let packed = try PosixFileSystem().open(writer.path, for: .reading)
        #expect(try packed.size() < 60_000)
        #expect(try SnapshotReader.looksWhole(packed, compression: .gzip))
        var again = RecordingSink()
        #expect(try SnapshotReader.read(packed, compression: .gzip, into: &again) == summary)
        #expect(again.znodes == sink.znodes)
        // Cut anywhere, it is refused.
        let bytes = try packed.readAll()
        for count in stride(from: 0, to: bytes.count, by: 997) {
            let cut = try PosixFileSystem().create(temporary.path("cut.\(count)"))
            try cut.write(Array(bytes[..<count]), at: 0)
            #expect(throws: StoreError.self) {
                var sink = RecordingSink()
                _ = try SnapshotReader.read(cut, compression: .gzip, into: &sink)
            }
        }
    }

    @Test func aSnapshotHasNoNameUntilItIsWhole() throws {
        let temporary = try TemporaryDirectory()
        let writer = try SnapshotWriter(
            fileSystem: PosixFileSystem(), directory: temporary.path, zxid: Zxid(rawValue: 7), compression: .none,
            onFinish: {})
        try writer.write(sessions: [])
        try writer.write(aclLists: [])
        var znodes = ByteBuffer()
        SnapshotFormat.encodeZnode(
            path: UnsafeRawBufferPointer(start: nil, count: 0), data: nil, aclID: -1, stat: StatPersisted(),
            into: &znodes)
        try writer.write(znodes: znodes)
        let names = try PosixFileSystem().list(temporary.path)
        #expect(names == ["tmp-snapshot.7"])
        #expect(names.allSatisfy { StoreFileName($0) == nil })
        try writer.finish(trailers: SnapshotTrailers())
        #expect(try PosixFileSystem().list(temporary.path) == ["snapshot.7"])
    }
}
