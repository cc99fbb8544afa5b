public import NIOCore
public import ZKCore

/// Records in two steps, for a server that prepares txns on one thread and writes them on another: the checksums,
/// which cost most, are made by the second.
extension TxnRecord {
    /// What a record has beside its payload: checksum, length and the end mark.
    public static let overheadBytes = 13

    /// Appends a record that is whole but for its checksum: ``seal(_:)`` must follow.
    @inlinable
    public static func encodeUnsealed(
        header: TxnHeader, digest: TxnDigest?, into buffer: inout ByteBuffer, body: (inout ByteBuffer) -> Void
    ) {
        let start = begin(header: header, into: &buffer)
        body(&buffer)
        finishUnsealed(from: start, digest: digest, in: &buffer)
    }

    /// The same for a body whose length is known, in one write.
    ///
    /// - Parameter body: writes `bodyBytes` bytes.
    @inlinable
    public static func encodeUnsealed(
        header: TxnHeader, digest: TxnDigest?, bodyBytes: Int, into buffer: inout ByteBuffer,
        body: (inout RecordWriter) -> Void
    ) {
        let payload = headerBytes + bodyBytes + (digest == nil ? 0 : digestBytes)
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: payload + overheadBytes) { bytes in
            var writer = RecordWriter(bytes)
            writer.write(0 as UInt64)
            writer.write(UInt32(truncatingIfNeeded: payload))
            writer.write(header.clientID)
            writer.write(header.cxid)
            writer.write(header.zxid.rawValue)
            writer.write(header.timeMillis)
            writer.write(header.type.rawValue)
            body(&writer)
            if let digest {
                writer.write(digest.version)
                writer.write(digest.treeDigest)
            }
            writer.write(endOfRecord)
            precondition(writer.count == payload + overheadBytes, "the body is as long as was said")
            return writer.count
        }
    }

    @usableFromInline
    static func finishUnsealed(from start: Int, digest: TxnDigest?, in buffer: inout ByteBuffer) {
        if let digest {
            buffer.writeMultipleIntegers(digest.version, digest.treeDigest)
        }
        buffer.setInteger(UInt32(buffer.writerIndex - start - prefixBytes), at: start + 8)
        buffer.writeInteger(endOfRecord)
    }

    /// Puts the checksums into records of ``encodeUnsealed(header:digest:into:body:)``, which begin at the reader index.
    public static func seal(_ records: inout ByteBuffer) {
        records.withUnsafeMutableReadableBytes { bytes in
            var offset = 0
            while offset + prefixBytes < bytes.count {
                let length = Int(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt32.self)))
                let payload = offset + prefixBytes
                let checksum = Adler32.of(UnsafeRawBufferPointer(rebasing: bytes[payload..<payload + length]))
                bytes.storeBytes(of: UInt64(checksum).bigEndian, toByteOffset: offset, as: UInt64.self)
                offset = payload + length + 1
            }
        }
    }
}

/// Writes the integers and strings of a record into memory that has room for them.
public struct RecordWriter {
    @usableFromInline let bytes: UnsafeMutableRawBufferPointer
    @usableFromInline var count = 0

    @usableFromInline
    init(_ bytes: UnsafeMutableRawBufferPointer) {
        self.bytes = bytes
    }

    @inlinable
    public mutating func write<Value: FixedWidthInteger>(_ value: Value) {
        precondition(count + MemoryLayout<Value>.size <= bytes.count, "the record fits")
        bytes.storeBytes(of: value.bigEndian, toByteOffset: count, as: Value.self)
        count += MemoryLayout<Value>.size
    }

    /// Bytes as they are.
    @inlinable
    public mutating func write(_ raw: UnsafeRawBufferPointer) {
        guard let source = raw.baseAddress, let base = bytes.baseAddress else { return }
        precondition(count + raw.count <= bytes.count, "the record fits")
        (base + count).copyMemory(from: source, byteCount: raw.count)
        count += raw.count
    }

    /// A jute buffer or string; nil is a null one.
    @inlinable
    public mutating func writeJute(_ raw: UnsafeRawBufferPointer?) {
        guard let raw else { return write(-1 as Int32) }
        write(Int32(truncatingIfNeeded: raw.count))
        write(raw)
    }
}
