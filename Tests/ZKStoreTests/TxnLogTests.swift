import NIOCore
import Support
import Testing
import ZKCore

@testable import ZKStore

@Suite(.timeLimit(.minutes(10))) struct TxnLogTests {
    static func record(_ zxid: Int64, dataBytes: Int = 100) -> ByteBuffer {
        var buffer = ByteBuffer()
        TxnRecord.encode(
            header: TxnHeader(clientID: 7, cxid: 1, zxid: Zxid(rawValue: zxid), timeMillis: 5, type: .setData),
            txn: .setData(path: "/a", data: [UInt8](repeating: 0x61, count: dataBytes), version: 3),
            digest: TxnDigest(treeDigest: zxid), into: &buffer)
        return buffer
    }

    static func zxids(of path: String) throws -> [Int64] {
        var reader = try TxnLogReader(file: try PosixFileSystem().open(path, for: .reading))
        var zxids: [Int64] = []
        while let txn = try reader.next() { zxids.append(txn.header.zxid.rawValue) }
        #expect(try reader.end() == .clean)
        return zxids
    }

    @Test func createsAFileByTheFirstZxidAndAnotherAfterARoll() throws {
        let directory = try TemporaryDirectory()
        let log = TxnLog(fileSystem: PosixFileSystem(), directory: directory.path, preallocationBytes: 64 << 10)
        #expect(log.path == nil)
        try log.append(Self.record(0x1a), firstZxid: Zxid(rawValue: 0x1a))
        try log.append(Self.record(0x1b), firstZxid: Zxid(rawValue: 0x1b))
        try log.sync()
        #expect(log.path == directory.path("log.1a"))
        #expect(try Self.zxids(of: directory.path("log.1a")) == [0x1a, 0x1b])
        let bytes = log.fileBytes
        try log.roll()
        // What was taken in advance is given back.
        #expect(try PosixFileSystem().status(of: directory.path("log.1a"))?.bytes == bytes)
        try log.append(Self.record(0x1c), firstZxid: Zxid(rawValue: 0x1c))
        try log.close()
        #expect(try Self.zxids(of: directory.path("log.1c")) == [0x1c])
        #expect(try Self.zxids(of: directory.path("log.1a")) == [0x1a, 0x1b])
    }

    @Test func growsByWholeSteps() throws {
        let directory = try TemporaryDirectory()
        let log = TxnLog(fileSystem: PosixFileSystem(), directory: directory.path, preallocationBytes: 64 << 10)
        var written: [Int64] = []
        for zxid in Int64(1)...300 {
            try log.append(Self.record(zxid, dataBytes: Int(zxid) * 7 % 3000), firstZxid: Zxid(rawValue: zxid))
            written.append(zxid)
            if zxid % 37 == 0 {
                try log.sync()
                let size = try #require(try PosixFileSystem().status(of: directory.path("log.1"))).bytes
                #expect(size >= log.fileBytes + 4096)
                #expect(try Self.zxids(of: directory.path("log.1")) == written)
            }
        }
        try log.close()
        #expect(try Self.zxids(of: directory.path("log.1")) == written)
    }

    /// The sizes that files of Apache ZooKeeper have.
    @Test func takesTheRoomThatApacheTakes() {
        #expect(TxnLog.paddedSize(end: 16, size: 16, preallocationBytes: 64 << 20) == 67_108_880)
        #expect(TxnLog.paddedSize(end: 16, size: 16, preallocationBytes: 1 << 20) == 1_048_592)
        #expect(TxnLog.paddedSize(end: 1000, size: 8208, preallocationBytes: 8192) == 8208)
        #expect(TxnLog.paddedSize(end: 4112, size: 8208, preallocationBytes: 8192) == 16400)
        #expect(TxnLog.paddedSize(end: 20000, size: 8208, preallocationBytes: 8192) == 24576)
        #expect(TxnLog.paddedSize(end: 20000, size: 8208, preallocationBytes: 0) == 8208)
    }

    @Test func neverOverwritesALog() throws {
        let directory = try TemporaryDirectory()
        let first = TxnLog(fileSystem: PosixFileSystem(), directory: directory.path, preallocationBytes: 0)
        try first.append(Self.record(1), firstZxid: Zxid(rawValue: 1))
        try first.close()
        let second = TxnLog(fileSystem: PosixFileSystem(), directory: directory.path, preallocationBytes: 0)
        let error = #expect(throws: StoreError.self) {
            try second.append(Self.record(1), firstZxid: Zxid(rawValue: 1))
        }
        #expect(error?.file == directory.path("log.1"))
        #expect(try Self.zxids(of: directory.path("log.1")) == [1])
    }

    @Test func aFailureIsFinal() throws {
        let directory = try TemporaryDirectory()
        let log = TxnLog(fileSystem: PosixFileSystem(), directory: directory.path("missing"), preallocationBytes: 0)
        let first = #expect(throws: StoreError.self) { try log.append(Self.record(1), firstZxid: Zxid(rawValue: 1)) }
        #expect(first?.kind == .system(errno: 2))
        #expect(first?.description.contains("No such file or directory") == true)
        try PosixFileSystem().createDirectory(directory.path("missing"))
        for call in [
            { try log.append(Self.record(1), firstZxid: Zxid(rawValue: 1)) }, { try log.sync() }, { try log.roll() },
        ] {
            let later = #expect(throws: StoreError.self) { try call() }
            #expect(later?.kind == .poisoned)
        }
        try log.close()
    }
}
