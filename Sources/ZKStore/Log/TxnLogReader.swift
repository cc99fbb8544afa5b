// How the end of a log is told from damage. Reading stops at the first record that is not whole; the rules are those of
// Apache ZooKeeper, in its order, with a second look where Apache would guess:
//
// 1. The file ends within the record: the end.
// 2. The length is 0: the end (room taken in advance).
// 3. The length is negative: damage. Any other is taken when the record is whole: what was acknowledged is read back,
//    whatever jute.maxbuffer said then and says now.
// 4. The byte after the payload is not 'B': the end.
// 5. The checksum is wrong: damage.
//
// Cases 1, 2, 4 and 5 are looked at again. A write that power loss or kill -9 tore leaves one of two marks. Either a
// part of it from some byte on is missing, and all that follows is zeros or the end of the file. Or whole sectors of
// 512 bytes are missing, which read as the zeros that were there before; disks write a sector or do not. And it lies
// within the bytes that a writer leaves unsynced, or is one record that is longer. And its length is not one that reaches
// over whole records behind it.
// What has such a mark is a torn write, whatever its checksum; it was never acknowledged. What has none is damage,
// whatever Apache makes of it.
//
// Source: `FileTxnLog.FileTxnIterator.next`, `Util.readTxnBytes`; the sectors are etcd's idea (`wal.isTornEntry`).

public import ZKCore
import ZKWire

/// Why a reader of a log came to an end.
public enum TxnLogEnd: Hashable, Sendable {
    /// The last record is followed by nothing but zeros, or by nothing.
    case clean
    /// A write that did not reach the disk whole: it starts at this offset, and its last byte that is not zero is
    /// before `offset + bytes`.
    case torn(offset: Int64, bytes: Int64, reason: String)
}

/// What a reader accepts.
public struct TxnLogReaderOptions: Hashable, Sendable {
    /// The most bytes that a torn write of several records can have: twice ``TxnLog/unsyncedBytesMax``. Apache ZooKeeper flushes once for a
    /// thousand requests at least, which is more only when they are large.
    public var tornBytesMax: Int64 = 16 << 20
    /// Whether strings come out as a Java server sees them; see ``TxnRecord/decode(payload:normalizing:lengthMax:)``.
    public var normalizing = true

    public init() {}
}

/// Reads the records of one log, from the front to the back. Never writes.
public struct TxnLogReader: ~Copyable {
    private enum Stop {
        /// nil when not even the length is there.
        case fileEnds(length: Int64?)
        case noLength
        case noEndByte(length: Int64)
        case wrongChecksum(length: Int64)
    }

    private let options: TxnLogReaderOptions
    private let lastACL = LastACL()
    private var window: FileWindow
    private var stop: Stop?
    /// The offset behind the last record that was read; where the next one starts.
    public private(set) var position = Int64(TxnLog.fileHeaderBytes)
    /// The offset of the record that `next` returned last.
    public private(set) var recordOffset = Int64(TxnLog.fileHeaderBytes)

    /// Reads and checks the header of the file.
    ///
    /// - Parameter start: the offset of a record that an earlier reader of this file came to; nil for the first one.
    /// - Throws: `damaged` when the file does not start with `ZKLG`, or is shorter than the header: see
    ///   ``isUnwritten(_:)``.
    public init(
        file: any OpenFile, options: TxnLogReaderOptions = TxnLogReaderOptions(), from start: Int64? = nil
    ) throws(StoreError) {
        var window = try FileWindow(file)
        let magic = try window.prefix(upTo: TxnLog.fileHeaderBytes, at: 0) { header in
            header.count == TxnLog.fileHeaderBytes && header.prefix(4).elementsEqual(TxnLog.fileHeader.prefix(4))
        }
        guard magic else {
            throw .damaged(
                file.path, at: 0, "this is no txn log: it does not start with ZKLG",
                wayOut: "Restore the file, or move it away if it does not belong there.")
        }
        self.options = options
        self.window = window
        if let start { position = start }
    }

    /// Whether a file is a log whose header never reached the disk, so that nothing in it was ever acknowledged: it is
    /// a part of a header, or its first sector is zeros and what follows is no more than a torn write.
    public static func isUnwritten(
        _ file: any OpenFile, options: TxnLogReaderOptions = TxnLogReaderOptions()
    ) throws(StoreError) -> Bool {
        var window = try FileWindow(file)
        if window.size < TxnLog.fileHeaderBytes {
            return try window.prefix(upTo: TxnLog.fileHeaderBytes, at: 0) { bytes in
                bytes.allSatisfy { $0 == 0 } || TxnLog.fileHeader.starts(with: bytes)
            }
        }
        guard try window.isZero(from: 0, to: min(Sector.bytes, window.size)) else { return false }
        return try window.endOfContent(from: 0) <= options.tornBytesMax
    }

    /// The next record, or nil at the end: then see ``end()``.
    ///
    /// - Parameter first: records with a lower zxid are skipped; their checksums are verified all the same.
    /// - Throws: `damaged` for what neither is a record nor a torn write.
    public mutating func next(from first: Zxid = Zxid(rawValue: .min)) throws(StoreError) -> LoggedTxn? {
        try next { payload in (TxnRecord.header(of: payload)?.zxid ?? first) >= first }
    }

    /// The next record that is wanted, or nil at the end: then see ``end()``.
    ///
    /// - Parameter isWanted: called with the payload of each record on the way, whose checksum is right; those that it
    ///   turns down are not decoded.
    /// - Throws: `damaged` for what neither is a record nor a torn write.
    public mutating func next(where isWanted: (UnsafeRawBufferPointer) -> Bool) throws(StoreError) -> LoggedTxn? {
        while stop == nil {
            let offset = position
            let length = try readLength()
            guard stop == nil else { break }
            let recordBytes = TxnRecord.prefixBytes + Int(length) + 1
            let outcome = try window.prefix(upTo: recordBytes, at: offset) { [options, lastACL] bytes in
                Self.decode(bytes, length: Int(length), where: isWanted, options: options, lastACL: lastACL)
            }
            switch outcome {
            case .incomplete:
                stop = .fileEnds(length: length)
                // Unless it is a torn write this throws.
                _ = try end()
            case .noEndByte: stop = .noEndByte(length: length)
            case .wrongChecksum:
                stop = .wrongChecksum(length: length)
                _ = try end()
            case .malformed(let error):
                throw .damaged(
                    window.file.path, at: offset, "the record has the right checksum, but cannot be read: \(error)",
                    wayOut: wayOut(at: offset))
            case .skipped, .txn:
                recordOffset = offset
                position = offset + Int64(recordBytes)
                if case .txn(let txn) = outcome { return txn }
            }
        }
        return nil
    }

    /// What stands behind the last record.
    ///
    /// - Throws: `damaged` when it is neither room taken in advance nor a torn write.
    public mutating func end() throws(StoreError) -> TxnLogEnd {
        guard let stop else { preconditionFailure("the reader is not at its end") }
        let contentEnd = try window.endOfContent(from: position)
        if contentEnd == position { return .clean }
        // One behind the last byte the record needs; of one without a length, behind its length.
        let recordEnd: Int64
        let reason: String
        switch stop {
        case .fileEnds(let length):
            recordEnd = length.map { position + Int64(TxnRecord.prefixBytes) + $0 + 1 } ?? .max
            reason = "the file ends within a record"
        case .noLength:
            recordEnd = position + Int64(TxnRecord.prefixBytes)
            reason = "a record has no length"
        case .noEndByte(let length):
            recordEnd = position + Int64(TxnRecord.prefixBytes) + length + 1
            reason = "a record has no end"
        case .wrongChecksum(let length):
            recordEnd = position + Int64(TxnRecord.prefixBytes) + length + 1
            reason = "the checksum of a record is wrong"
        }
        guard contentEnd - position <= options.tornBytesMax || contentEnd <= recordEnd && recordEnd != .max,
            try isTorn(recordEnd: recordEnd, contentEnd: contentEnd)
        else {
            throw .damaged(
                window.file.path, at: position,
                "\(reason), and it is not the mark of an interrupted write", wayOut: wayOut(at: position))
        }
        return .torn(offset: position, bytes: contentEnd - position, reason: reason)
    }

    /// Whether the record at `position`, which is not whole, has a mark that an interrupted write leaves.
    private mutating func isTorn(recordEnd: Int64, contentEnd: Int64) throws(StoreError) -> Bool {
        let spanEnd = min(recordEnd, contentEnd)
        let isCut = contentEnd < recordEnd
        // The first four bytes are zero in every record, and prove nothing.
        if !isCut {
            guard try window.hasZeroSector(from: position + 4, to: spanEnd) else { return false }
        }
        // Within a record there is no other. If there is one, or the record is whole but for its length, the length is
        // wrong; and that only a lost sector explains, which begins between its bytes.
        let lengthAt = position + 8
        let sectorEnd = (lengthAt / Sector.bytes + 1) * Sector.bytes
        if sectorEnd < lengthAt + 4, try window.hasZeroSector(from: sectorEnd, to: sectorEnd + 1) { return true }
        return try window.prefix(upTo: Int(spanEnd - position), at: position) { span in
            !Self.isWholeButForItsLength(span) && !Self.holdsRecord(span)
        }
    }

    private static func isWholeButForItsLength(_ span: UnsafeRawBufferPointer) -> Bool {
        guard span.count > TxnRecord.prefixBytes + TxnRecord.headerBytes, span.last == TxnRecord.endOfRecord else {
            return false
        }
        let payload = UnsafeRawBufferPointer(rebasing: span[TxnRecord.prefixBytes..<span.count - 1])
        return UInt64(bigEndian: span.loadUnaligned(as: UInt64.self)) == UInt64(Adler32.of(payload))
    }

    /// Whether a whole record starts behind the first byte of `span`.
    private static func holdsRecord(_ span: UnsafeRawBufferPointer) -> Bool {
        var start = 1
        while start + TxnRecord.prefixBytes < span.count {
            defer { start += 1 }
            // Cheap tests first: the upper half of the checksum, the length, the end.
            guard span.loadUnaligned(fromByteOffset: start, as: UInt32.self) == 0 else { continue }
            let length = Int(Int32(bigEndian: span.loadUnaligned(fromByteOffset: start + 8, as: Int32.self)))
            let payload = start + TxnRecord.prefixBytes
            guard length >= TxnRecord.headerBytes, payload + length < span.count,
                span[payload + length] == TxnRecord.endOfRecord
            else { continue }
            let checksum = UInt64(bigEndian: span.loadUnaligned(fromByteOffset: start, as: UInt64.self))
            let bytes = UnsafeRawBufferPointer(rebasing: span[payload..<payload + length])
            if checksum == UInt64(Adler32.of(bytes)) { return true }
        }
        return false
    }

    private func wayOut(at offset: Int64) -> String {
        "The \(offset) bytes before it are intact. Restore the file from a backup; or, to go on without the txns "
            + "from there on, keep a copy and cut the file there: truncate -s \(offset) \(window.file.path)"
    }

    /// The length of the payload of the record at `position`; sets `stop` when there is none.
    private mutating func readLength() throws(StoreError) -> Int64 {
        let offset = position
        let length = try window.prefix(upTo: TxnRecord.prefixBytes, at: offset) { bytes -> Int32? in
            guard bytes.count == TxnRecord.prefixBytes else { return nil }
            return Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: Int32.self))
        }
        guard let length else {
            stop = .fileEnds(length: nil)
            return 0
        }
        guard length != 0 else {
            stop = .noLength
            return 0
        }
        guard length > 0 else {
            throw .damaged(
                window.file.path, at: offset, "a record has the unreasonable length \(length)",
                wayOut: wayOut(at: offset))
        }
        return Int64(length)
    }

    private enum Outcome {
        case incomplete
        case noEndByte
        case wrongChecksum
        case malformed(JuteError)
        case skipped
        case txn(LoggedTxn)
    }

    private static func decode(
        _ bytes: UnsafeRawBufferPointer, length: Int, where isWanted: (UnsafeRawBufferPointer) -> Bool,
        options: TxnLogReaderOptions, lastACL: LastACL
    ) -> Outcome {
        guard bytes.count == TxnRecord.prefixBytes + length + 1 else { return .incomplete }
        guard bytes[bytes.count - 1] == TxnRecord.endOfRecord else { return .noEndByte }
        let payload = UnsafeRawBufferPointer(
            rebasing: bytes[TxnRecord.prefixBytes..<TxnRecord.prefixBytes + length])
        let checksum = UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self))
        guard checksum == UInt64(Adler32.of(payload)) else { return .wrongChecksum }
        guard isWanted(payload) else { return .skipped }
        do throws(JuteError) {
            return .txn(
                try TxnRecord.decode(
                    payload: payload, normalizing: options.normalizing, lengthMax: payload.count, lastACL: lastACL))
        } catch {
            return .malformed(error)
        }
    }
}
