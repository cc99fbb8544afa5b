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
