// A record of the txn log, all integers big-endian:
//
//     record  = checksum:int64      Adler-32 of the payload; the upper half is 0
//               length:int32        bytes of the payload, never 0
//               payload
//               'B'                 0x42, tells that the record was written to its end
//     payload = header body digest?
//     header  = clientId:int64 cxid:int32 zxid:int64 time:int64 type:int32        32 bytes
//     digest  = version:int32 treeDigest:int64                                    the tree after the txn
//
// The bodies are in `TxnBody.swift`. Source: `FileTxnLog`, `Util.readTxnBytes`, `SerializeUtils.deserializeTxn`.

public import NIOCore
public import ZKCore
public import ZKWire

/// A txn as it stands in the log.
public struct LoggedTxn: Hashable, Sendable {
    public var header: TxnHeader
    public var txn: Txn
    /// Absent in error txns, and in logs written without digests.
    public var digest: TxnDigest?

    public init(header: TxnHeader, txn: Txn, digest: TxnDigest?) {
        self.header = header
        self.txn = txn
        self.digest = digest
    }
}

/// Encodes and decodes records of the txn log.
public enum TxnRecord {
    /// Checksum and length.
    static let prefixBytes = 12
    @usableFromInline static let headerBytes = 32
    @usableFromInline static let digestBytes = 12
    @usableFromInline static let endOfRecord: UInt8 = 0x42

    /// Appends a whole record.
    ///
    /// - Precondition: the body belongs to `header.type`.
    public static func encode(
        header: TxnHeader, txn: Txn, digest: TxnDigest?, into buffer: inout ByteBuffer
    ) {
        encode(header: header, digest: digest, into: &buffer) { buffer in
            TxnBody.encode(txn, into: &buffer)
        }
    }

    /// Appends a whole record whose body the caller writes, for callers that have no ``Txn`` at hand.
    @inlinable
    public static func encode(
        header: TxnHeader, digest: TxnDigest?, into buffer: inout ByteBuffer, body: (inout ByteBuffer) -> Void
    ) {
        let start = begin(header: header, into: &buffer)
        body(&buffer)
        finish(from: start, digest: digest, in: &buffer)
    }

    /// Appends checksum and length, to be filled in later, and the header. Returns where the record starts.
    @usableFromInline
    static func begin(header: TxnHeader, into buffer: inout ByteBuffer) -> Int {
        let start = buffer.writerIndex
        buffer.writeMultipleIntegers(
            0 as Int64, 0 as Int32, header.clientID, header.cxid, header.zxid.rawValue, header.timeMillis,
            header.type.rawValue)
        return start
    }

    @usableFromInline
    static func finish(from start: Int, digest: TxnDigest?, in buffer: inout ByteBuffer) {
        if let digest {
            buffer.writeMultipleIntegers(digest.version, digest.treeDigest)
        }
        let length = buffer.writerIndex - start - prefixBytes
        buffer.writeInteger(endOfRecord)
        let payload = start + prefixBytes - buffer.readerIndex
        let checksum = buffer.withUnsafeReadableBytes { bytes in
            Adler32.of(UnsafeRawBufferPointer(rebasing: bytes[payload..<payload + length]))
        }
        buffer.setInteger(UInt64(checksum), at: start)
        buffer.setInteger(UInt32(length), at: start + 8)
    }

    /// Reads the payload of a record whose checksum is right.
    ///
    /// - Parameter normalizing: whether strings come out as a Java server sees them after it loads the file: what is
    ///   not UTF-8 as U+FFFD. Recovery wants so; a tool that shows or rewrites a log does not.
    /// - Throws: what is wrong with it. An unknown type is `unexpectedType`.
    public static func decode(
        payload: UnsafeRawBufferPointer, normalizing: Bool = true,
        lengthMax: Int = JuteReader.defaultLengthMax
    ) throws(JuteError) -> LoggedTxn {
        try decode(payload: payload, normalizing: normalizing, lengthMax: lengthMax, lastACL: nil)
    }

    static func decode(
        payload: UnsafeRawBufferPointer, normalizing: Bool, lengthMax: Int, lastACL: LastACL?
    ) throws(JuteError) -> LoggedTxn {
        var reader = JuteReader(payload, lengthMax: lengthMax)
        let header = try decodeHeader(from: &reader)
        var body = TxnBody.Decoder(reader: reader, normalizing: normalizing, isTopLevel: true, lastACL: lastACL)
        let txn = try body.decode(header.type)
        reader = body.reader
        let digest =
            reader.remaining >= digestBytes
            ? TxnDigest(version: try reader.readInt32(), treeDigest: try reader.readInt64()) : nil
        return LoggedTxn(header: header, txn: txn, digest: digest)
    }

    /// The header of a payload; nil when it is too short for one.
    public static func header(of payload: UnsafeRawBufferPointer) -> TxnHeader? {
        var reader = JuteReader(payload)
        return try? decodeHeader(from: &reader)
    }

    static func decodeHeader(from reader: inout JuteReader) throws(JuteError) -> TxnHeader {
        TxnHeader(
            clientID: try reader.readInt64(), cxid: try reader.readInt32(), zxid: try reader.readZxid(),
            timeMillis: try reader.readInt64(), type: OpCode(rawValue: try reader.readInt32()))
    }
}
