import NIOCore
import ZKCore
import ZKTree

/// Replies are written straight into the output of a connection: the frame's length first, patched where it is not
/// known beforehand.
extension ByteBuffer {
    /// A whole reply without a body.
    @inline(__always)
    mutating func writeReply(xid: Int32, zxid: Int64, err: ErrorCode) {
        writeMultipleIntegers(Int32(16), xid, zxid, err.rawValue)
    }

    /// The header of a reply whose body has `bodyBytes`.
    @inline(__always)
    mutating func writeReplyHeader(xid: Int32, zxid: Int64, bodyBytes: Int) {
        writeMultipleIntegers(Int32(truncatingIfNeeded: 16 + bodyBytes), xid, zxid, Int32(0))
    }

    /// A reply whose body is written by `writeBody`.
    mutating func writeReply(xid: Int32, zxid: Int64, _ writeBody: (inout ByteBuffer) -> Void) {
        let start = writerIndex
        writeReplyHeader(xid: xid, zxid: zxid, bodyBytes: 0)
        writeBody(&self)
        setInteger(Int32(truncatingIfNeeded: writerIndex - start - 4), at: start)
    }

    /// The 68 bytes of a stat, as a client sees it.
    @inline(__always)
    mutating func writeStat(_ znode: UnsafeMutablePointer<Znode>, extendedTypesEnabled: Bool) {
        var owner = znode.pointee.ephemeralOwner
        if owner != 0 {
            owner = EphemeralOwner(rawValue: owner, extendedTypesEnabled: extendedTypesEnabled).sessionID ?? 0
        }
        let childCount = Int32(bitPattern: znode.pointee.childCount)
        writeMultipleIntegers(
            znode.pointee.czxid, znode.pointee.mzxid, znode.pointee.ctimeMillis, znode.pointee.mtimeMillis,
            znode.pointee.version, znode.pointee.cversion &* 2 &- childCount, znode.pointee.aversion, owner,
            Int32(truncatingIfNeeded: znode.pointee.dataCount), childCount, znode.pointee.pzxid)
    }

    /// A jute buffer or string.
    @inline(__always)
    mutating func writeJuteBytes(_ bytes: UnsafeRawBufferPointer?) {
        guard let bytes else {
            writeInteger(Int32(-1))
            return
        }
        writeInteger(Int32(truncatingIfNeeded: bytes.count))
        writeBytes(bytes)
    }
}
