/// The digest of a znode, which the digest of the tree sums up: the CRC-32 of path, data and stat.
/// Source: `DigestCalculator`, version 2.
enum TreeDigest {
    /// The part that stays the same while only the stat changes.
    ///
    /// - Parameter path: empty for the root.
    static func content(path: UnsafeRawBufferPointer, data: UnsafeRawBufferPointer?) -> UInt32 {
        var crc = CRC32()
        crc.update(path)
        if let data { crc.update(data) }
        return crc.value
    }

    /// - Parameter content: of ``content(path:data:)``.
    static func digest(
        content: UInt32, czxid: Int64, mzxid: Int64, pzxid: Int64, ctimeMillis: Int64, mtimeMillis: Int64,
        version: Int32, cversion: Int32, aversion: Int32, ephemeralOwner: Int64
    ) -> UInt32 {
        withUnsafeTemporaryAllocation(byteCount: 60, alignment: 8) { stat in
            stat.storeBytes(of: czxid.bigEndian, toByteOffset: 0, as: Int64.self)
            stat.storeBytes(of: mzxid.bigEndian, toByteOffset: 8, as: Int64.self)
            stat.storeBytes(of: pzxid.bigEndian, toByteOffset: 16, as: Int64.self)
            stat.storeBytes(of: ctimeMillis.bigEndian, toByteOffset: 24, as: Int64.self)
            stat.storeBytes(of: mtimeMillis.bigEndian, toByteOffset: 32, as: Int64.self)
            stat.storeBytes(of: version.bigEndian, toByteOffset: 40, as: Int32.self)
            stat.storeBytes(of: cversion.bigEndian, toByteOffset: 44, as: Int32.self)
            stat.storeBytes(of: aversion.bigEndian, toByteOffset: 48, as: Int32.self)
            stat.storeBytes(of: ephemeralOwner.bigEndian, toByteOffset: 52, as: Int64.self)
            var crc = CRC32(after: content)
            crc.update(UnsafeRawBufferPointer(stat))
            return crc.value
        }
    }

    /// Whether the digest of the tree leaves this path out: quota znodes change without a txn.
    @inline(__always)
    static func excludes(_ path: UnsafeRawBufferPointer) -> Bool {
        path.count > 11 && path[1] == UInt8(ascii: "z") && path.starts(with: "/zookeeper/".utf8)
    }
}
