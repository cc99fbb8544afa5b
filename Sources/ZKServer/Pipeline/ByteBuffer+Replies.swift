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
    @discardableResult
    mutating func writeReply<Result>(xid: Int32, zxid: Int64, _ writeBody: (inout ByteBuffer) -> Result) -> Result {
        let start = writerIndex
        writeReplyHeader(xid: xid, zxid: zxid, bodyBytes: 0)
        let result = writeBody(&self)
        setInteger(Int32(truncatingIfNeeded: writerIndex - start - 4), at: start)
        return result
    }

    /// The 68 bytes of a stat, as a client sees it.
    @inline(__always)
    mutating func writeStat(_ znode: UnsafeMutablePointer<Znode>, extendedTypesEnabled: Bool) {
        writeWithUnsafeMutableBytes(minimumWritableBytes: 68) { bytes in
            guard let base = bytes.baseAddress else { return 0 }
            Self.storeStat(base, znode, extendedTypesEnabled: extendedTypesEnabled)
            return 68
        }
    }

    /// A whole reply to getData, in one write.
    mutating func writeDataReply(
        xid: Int32, zxid: Int64, _ znode: UnsafeMutablePointer<Znode>, extendedTypesEnabled: Bool
    ) {
        let data = znode.pointee.data
        let dataCount = data?.count ?? 0
        let total = 20 + 4 + dataCount + 68
        writeWithUnsafeMutableBytes(minimumWritableBytes: total) { bytes in
            guard let base = bytes.baseAddress else { return 0 }
            Self.storeHeader(base, frameBytes: total - 4, xid: xid, zxid: zxid)
            Self.store(base + 20, Int32(truncatingIfNeeded: data == nil ? -1 : dataCount))
            if let source = data?.baseAddress, dataCount > 0 {
                (base + 24).copyMemory(from: source, byteCount: dataCount)
            }
            Self.storeStat(base + 24 + dataCount, znode, extendedTypesEnabled: extendedTypesEnabled)
            return total
        }
    }

    /// A whole reply whose body is a stat, in one write.
    mutating func writeStatReply(
        xid: Int32, zxid: Int64, _ znode: UnsafeMutablePointer<Znode>, extendedTypesEnabled: Bool
    ) {
        writeWithUnsafeMutableBytes(minimumWritableBytes: 88) { bytes in
            guard let base = bytes.baseAddress else { return 0 }
            Self.storeHeader(base, frameBytes: 84, xid: xid, zxid: zxid)
            Self.storeStat(base + 20, znode, extendedTypesEnabled: extendedTypesEnabled)
            return 88
        }
    }

    @inline(__always)
    private static func store<Value: FixedWidthInteger>(_ base: UnsafeMutableRawPointer, _ value: Value) {
        base.storeBytes(of: value.bigEndian, as: Value.self)
    }

    @inline(__always)
    private static func storeHeader(_ base: UnsafeMutableRawPointer, frameBytes: Int, xid: Int32, zxid: Int64) {
        store(base, Int32(truncatingIfNeeded: frameBytes))
        store(base + 4, xid)
        store(base + 8, zxid)
        store(base + 16, Int32(0))
    }

    @inline(__always)
    private static func storeStat(
        _ base: UnsafeMutableRawPointer, _ znode: UnsafeMutablePointer<Znode>, extendedTypesEnabled: Bool
    ) {
        var owner = znode.pointee.ephemeralOwner
        if owner != 0 {
            owner = EphemeralOwner(rawValue: owner, extendedTypesEnabled: extendedTypesEnabled).sessionID ?? 0
        }
        let childCount = Int32(bitPattern: znode.pointee.childCount)
        store(base, znode.pointee.czxid)
        store(base + 8, znode.pointee.mzxid)
        store(base + 16, znode.pointee.ctimeMillis)
        store(base + 24, znode.pointee.mtimeMillis)
        store(base + 32, znode.pointee.version)
        store(base + 36, znode.pointee.cversion &* 2 &- childCount)
        store(base + 40, znode.pointee.aversion)
        store(base + 44, owner)
        store(base + 52, Int32(truncatingIfNeeded: znode.pointee.dataCount))
        store(base + 56, childCount)
        store(base + 60, znode.pointee.pzxid)
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
