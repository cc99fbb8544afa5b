import CZlib

/// The digest of a znode, which the digest of the tree sums up. Source: `DigestCalculator`, version 2.
enum TreeDigest {
    /// - Parameter path: empty for the root.
    static func digest(
        path: UnsafeRawBufferPointer, data: UnsafeRawBufferPointer?, czxid: Int64, mzxid: Int64, pzxid: Int64,
        ctimeMillis: Int64, mtimeMillis: Int64, version: Int32, cversion: Int32, aversion: Int32, ephemeralOwner: Int64
    ) -> UInt32 {
        var crc: UInt = 0
        crc = update(crc, path)
        if let data { crc = update(crc, data) }
        return withUnsafeTemporaryAllocation(byteCount: 60, alignment: 8) { stat in
            stat.storeBytes(of: czxid.bigEndian, toByteOffset: 0, as: Int64.self)
            stat.storeBytes(of: mzxid.bigEndian, toByteOffset: 8, as: Int64.self)
            stat.storeBytes(of: pzxid.bigEndian, toByteOffset: 16, as: Int64.self)
            stat.storeBytes(of: ctimeMillis.bigEndian, toByteOffset: 24, as: Int64.self)
            stat.storeBytes(of: mtimeMillis.bigEndian, toByteOffset: 32, as: Int64.self)
            stat.storeBytes(of: version.bigEndian, toByteOffset: 40, as: Int32.self)
            stat.storeBytes(of: cversion.bigEndian, toByteOffset: 44, as: Int32.self)
            stat.storeBytes(of: aversion.bigEndian, toByteOffset: 48, as: Int32.self)
            stat.storeBytes(of: ephemeralOwner.bigEndian, toByteOffset: 52, as: Int64.self)
            return UInt32(truncatingIfNeeded: update(crc, UnsafeRawBufferPointer(stat)))
        }
    }

    private static func update(_ crc: UInt, _ bytes: UnsafeRawBufferPointer) -> UInt {
        guard let base = bytes.baseAddress, bytes.count > 0 else { return crc }
        return crc32(crc, base.assumingMemoryBound(to: UInt8.self), UInt32(bytes.count))
    }

    /// Whether the digest of the tree leaves this path out: quota znodes change without a txn.
    @inline(__always)
    static func excludes(_ path: UnsafeRawBufferPointer) -> Bool {
        path.count > 11 && path[1] == UInt8(ascii: "z") && path.starts(with: "/zookeeper/".utf8)
    }
}
