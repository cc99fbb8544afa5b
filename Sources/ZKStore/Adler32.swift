import CZlib

/// The checksum of log records and snapshots.
struct Adler32 {
    private(set) var value: UInt32 = 1

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes
        while let start = rest.baseAddress, rest.count > 0 {
            // zlib counts in 32 bits.
            let count = min(rest.count, 1 << 30)
            value = UInt32(
                truncatingIfNeeded: adler32(uLong(value), start.assumingMemoryBound(to: Bytef.self), uInt(count)))
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    static func of(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        var checksum = Adler32()
        checksum.update(bytes)
        return checksum.value
    }
}
