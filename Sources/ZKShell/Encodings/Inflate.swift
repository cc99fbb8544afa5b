import CZlib

/// Unpacks gzip and zlib data. A gzip file may have several members, whose contents belong together.
enum Inflate {
    /// What a znode's data may grow to: a mistake or malice must not eat the memory.
    private static let bytesMax = 256 << 20
    /// The largest window, and whichever of the two headers is there.
    private static let windowBits: Int32 = 15 + 32

    private static let gzipMagic: [UInt8] = [0x1F, 0x8B]

    static func isPacked(_ bytes: [UInt8]) -> Bool {
        guard bytes.count > 2 else { return false }
        if bytes.starts(with: gzipMagic) { return true }
        return bytes[0] & 0x0F == 8 && (Int(bytes[0]) << 8 + Int(bytes[1])) % 31 == 0
    }

    /// Nil for data that is damaged, or too long when it is unpacked.
    static func unpack(_ bytes: [UInt8]) -> [UInt8]? {
        var stream = z_stream()
        guard inflateInit2_(&stream, windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            return nil
        }
        defer { inflateEnd(&stream) }
        var input = bytes
        var result: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        return input.withUnsafeMutableBufferPointer { input -> [UInt8]? in
            stream.next_in = input.baseAddress
            stream.avail_in = uInt(input.count)
            while result.count < bytesMax {
                let status = chunk.withUnsafeMutableBufferPointer { chunk in
                    stream.next_out = chunk.baseAddress
                    stream.avail_out = uInt(chunk.count)
                    return inflate(&stream, Z_NO_FLUSH)
                }
                result.append(contentsOf: chunk[..<(chunk.count - Int(stream.avail_out))])
                if status == Z_STREAM_END {
                    let rest = input[(input.count - Int(stream.avail_in))...]
                    // Zeros pad a tape or a block; anything else would get lost in silence.
                    if rest.allSatisfy({ $0 == 0 }) { return result }
                    guard rest.starts(with: gzipMagic), inflateReset(&stream) == Z_OK else { return nil }
                    continue
                }
                guard status == Z_OK else { return nil }
            }
            return nil
        }
    }
}
