/// The CRC-32 of zlib, for many short pieces: eight bytes a step, without calls. zlib's own is made for long ones, and
/// takes the first and the last bytes of each piece one by one: 350 ns for a znode of 100 bytes, here 110.
struct CRC32 {
    private var state: UInt32 = .max

    var value: UInt32 { ~state }

    /// Goes on from the value of the bytes before.
    init(after value: UInt32 = 0) {
        state = ~value
    }

    /// Eight tables of 256: the first is that of a byte, each other one that of a byte with one more zero behind it.
    /// Never written to.
    private nonisolated(unsafe) static let tables: UnsafePointer<UInt32> = {
        let tables = UnsafeMutablePointer<UInt32>.allocate(capacity: 8 * 256)
        for byte in 0..<256 {
            var remainder = UInt32(byte)
            for _ in 0..<8 { remainder = remainder & 1 == 0 ? remainder >> 1 : remainder >> 1 ^ 0xEDB8_8320 }
            tables[byte] = remainder
        }
        for entry in 256..<8 * 256 {
            let before = tables[entry - 256]
            tables[entry] = before >> 8 ^ tables[Int(before & 0xff)]
        }
        return UnsafePointer(tables)
    }()

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress else { return }
        let tables = Self.tables
        let count = bytes.count
        var crc = state
        var offset = 0
        while offset + 8 <= count {
            let eight = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) ^ UInt64(crc)
            let low = UInt32(truncatingIfNeeded: eight)
            let high = UInt32(truncatingIfNeeded: eight >> 32)
            crc =
                Self.entry(tables, 7, low) ^ Self.entry(tables, 6, low >> 8) ^ Self.entry(tables, 5, low >> 16)
                ^ Self.entry(tables, 4, low >> 24)
            crc ^=
                Self.entry(tables, 3, high) ^ Self.entry(tables, 2, high >> 8) ^ Self.entry(tables, 1, high >> 16)
                ^ Self.entry(tables, 0, high >> 24)
            offset += 8
        }
        if offset + 4 <= count {
            crc ^= UInt32(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
            crc =
                Self.entry(tables, 3, crc) ^ Self.entry(tables, 2, crc >> 8) ^ Self.entry(tables, 1, crc >> 16)
                ^ Self.entry(tables, 0, crc >> 24)
            offset += 4
        }
        while offset < count {
            crc = crc >> 8 ^ Self.entry(tables, 0, crc ^ UInt32(base.load(fromByteOffset: offset, as: UInt8.self)))
            offset += 1
        }
        state = crc
    }

    @inline(__always)
    private static func entry(_ tables: UnsafePointer<UInt32>, _ table: Int, _ bits: UInt32) -> UInt32 {
        tables[table << 8 | Int(bits & 0xff)]
    }
}
