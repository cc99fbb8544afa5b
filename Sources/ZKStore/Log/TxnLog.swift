// A txn log, `log.<zxid of its first record>`:
//
//     log     = "ZKLG" version:int32 = 2 dbid:int64 = 0     16 bytes; readers check the magic only
//               record*                                    see TxnRecord.swift
//               zeros                                      room taken in advance
//
// Room: when the end of the records comes within 4096 bytes of the end of the file, the file grows by `preAllocSize`,
// to the sizes that Apache's files have (16 + 64 MiB at first). Apache writes one byte at the new end and leaves a hole;
// here the blocks are taken (`fallocate`), and zeros are written 512 KiB ahead of the records. Only then is fdatasync
// cheap, since neither the size of the file nor its extents change. Measured on ext4, 3 KiB a sync: 260 us without,
// 310 us over a hole, 183 us over fallocated blocks, 120 us over written zeros. Records and zeros go past the page cache,
// see `DirectFile`.
//
// A log that is left (roll, close) is cut behind its last record. Source: `FileTxnLog`, `FilePadding`.

public import NIOCore
public import ZKCore

/// The log that txns are appended to.
///
/// A file is created by the first append after the start or after a ``roll()``. After the first failure of any call all
/// later calls throw: what a failed write or sync left on the disk is not known, and asking the disk again does not
/// tell. Used by one thread at a time, which is why it may be sent to another: nothing in it is shared.
public final class TxnLog: @unchecked Sendable {
    /// More than this is never unsynced: ``append(_:firstZxid:)`` syncs by itself. So recovery can tell a torn write,
    /// which is at the end, from damage.
    public static let unsyncedBytesMax = 8 << 20

    static let fileHeader: [UInt8] = Array("ZKLG".utf8) + [0, 0, 0, 2] + [UInt8](repeating: 0, count: 8)
    static let fileHeaderBytes = 16
    private static let zerosAheadBytes: Int64 = 512 << 10
    /// In whole blocks, as ``DirectFile`` wants them. Never written to.
    private nonisolated(unsafe) static let zeros: UnsafeRawBufferPointer = {
        let zeros = UnsafeMutableRawBufferPointer.allocate(
            byteCount: Int(zerosAheadBytes), alignment: DirectFile.blockBytes)
        zeros.initializeMemory(as: UInt8.self, repeating: 0)
        return UnsafeRawBufferPointer(zeros)
    }()

    private struct Current {
        var file: any OpenFile
        /// The end of the records.
        var end: Int64
        /// The end of those that are durable; 0 while the file is not.
        var synced: Int64 = 0
        /// The end of the room taken, which is the size of the file unless the file system has no such call.
        var allocated: Int64
        /// Up to here the file holds records or written zeros.
        var zeroed: Int64
        /// Whether the name of the file is not durable yet.
        var isNew = true
    }

    private let fileSystem: any FileSystem
    private let directory: String
    private let preallocationBytes: Int64
    /// False weakens durability; see `--unsafe-no-fsync`.
    private let syncs: Bool
    private var current: Current?
    private var unsyncedBytes = 0
    private var failure: StoreError?

    /// The bytes of all log files since this log was made.
    public private(set) var bytesAppended: Int64 = 0

    /// - Parameters:
    ///   - directory: the `version-2` directory; it exists and is durable.
    ///   - preallocationBytes: `preAllocSize`; 0 turns it off.
    public init(
        fileSystem: any FileSystem, directory: String, preallocationBytes: Int64 = 64 << 20, syncs: Bool = true
    ) {
        self.fileSystem = fileSystem
        self.directory = directory
        self.preallocationBytes = preallocationBytes
        self.syncs = syncs
    }

    /// The path of the file in use; nil before the first append and after a roll.
    public var path: String? { current?.file.path }

    /// The bytes of the file in use, header included and room taken in advance excluded.
    public var fileBytes: Int64 { current?.end ?? 0 }

    /// Whether something was appended and not synced.
    public var isDirty: Bool { unsyncedBytes > 0 }

    /// Writes whole records behind the others. They are not durable before ``sync()``.
    ///
    /// - Parameter firstZxid: of the first of `records`; names the file, if one must be created.
    public func append(_ records: ByteBuffer, firstZxid: Zxid) throws(StoreError) {
        guard records.readableBytes > 0 else { return }
        try guarding { () throws(StoreError) in
            if unsyncedBytes > 0, unsyncedBytes + records.readableBytes > Self.unsyncedBytesMax {
                try syncNow()
            }
            if current == nil {
                current = try create(firstZxid: firstZxid)
            }
            try makeRoom(for: Int64(records.readableBytes))
            let end = current!.end
            let file = current!.file
            let result = records.withUnsafeReadableBytes { bytes in
                do throws(StoreError) {
                    return Result<Void, StoreError>.success(try file.write(bytes, at: end))
                } catch {
                    return .failure(error)
                }
            }
            try result.get()
            current!.end += Int64(records.readableBytes)
            unsyncedBytes += records.readableBytes
            bytesAppended += Int64(records.readableBytes)
        }
    }

    /// Makes all records appended so far durable.
    public func sync() throws(StoreError) {
        try guarding { () throws(StoreError) in
            if isDirty { try syncNow() }
        }
    }

    /// Syncs, and leaves the file: the next append creates one.
    public func roll() throws(StoreError) {
        try guarding { () throws(StoreError) in
            guard let log = current else { return }
            if isDirty { try syncNow() }
            // Not synced: the bytes cut off are zeros, and a reader does not mind them.
            try log.file.truncate(to: log.end)
            current = nil
            try log.file.close()
        }
    }

    /// Syncs and closes. A log that failed is closed without.
    public func close() throws(StoreError) {
        if failure == nil {
            try roll()
        } else {
            current = nil
        }
    }

    private func guarding(_ work: () throws(StoreError) -> Void) throws(StoreError) {
        if let failure {
            throw StoreError(
                kind: .poisoned, file: failure.file, offset: failure.offset,
                problem: "the log takes no more txns since it failed earlier: \(failure.problem)",
                wayOut: failure.wayOut)
        }
        do throws(StoreError) {
            try work()
        } catch {
            failure = error
            dropUnsynced()
            throw error
        }
    }

    /// Takes the records away that were never acknowledged, as far as the disk still obeys. The kernel would go on to
    /// show them, from pages it takes for written, to the next start, and lose them with the power.
    private func dropUnsynced() {
        guard let log = current else { return }
        try? log.file.truncate(to: log.synced)
    }

    private func create(firstZxid: Zxid) throws(StoreError) -> Current {
        // Recovery has moved away what stood at this name without a record; anything else must not be overwritten.
        let path = "\(directory)/\(StoreFileName.log(firstZxid))"
        let file = syncs ? try fileSystem.createLog(path) : try fileSystem.create(path)
        try file.write(Self.fileHeader, at: 0)
        let end = Int64(Self.fileHeaderBytes)
        return Current(file: file, end: end, allocated: end, zeroed: end)
    }

    private func makeRoom(for bytes: Int64) throws(StoreError) {
        guard preallocationBytes > 0, var log = current else { return }
        let size = Self.paddedSize(end: log.end + bytes, size: log.allocated, preallocationBytes: preallocationBytes)
        if size > log.allocated {
            log.file.allocate(upTo: size)
            log.allocated = size
        }
        if log.end + bytes > log.zeroed {
            // What the records are about to cover need not be zeroed.
            let block = Int64(DirectFile.blockBytes)
            let start = (log.end + bytes + block - 1) / block * block
            let end = min(start + Self.zerosAheadBytes, log.allocated) / block * block
            if end > start {
                try log.file.write(UnsafeRawBufferPointer(rebasing: Self.zeros[..<Int(end - start)]), at: start)
            }
            log.zeroed = max(start, end)
        }
        current = log
    }

    /// The size that a file of `size` bytes must have before its records end at `end`. Source: `FilePadding`.
    static func paddedSize(end: Int64, size: Int64, preallocationBytes: Int64) -> Int64 {
        guard preallocationBytes > 0, end + 4096 >= size else { return size }
        if end > size {
            let grown = end + preallocationBytes
            return grown - grown % preallocationBytes
        }
        return size + preallocationBytes
    }

    private func syncNow() throws(StoreError) {
        unsyncedBytes = 0
        guard var log = current else { return }
        if syncs {
            try log.file.syncData()
            if log.isNew { try fileSystem.syncDirectory(directory) }
        }
        log.isNew = false
        log.synced = log.end
        current = log
    }
}
