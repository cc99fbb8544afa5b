/// What a Java server makes of the bytes of a string.
///
/// Java decodes strict UTF-8, each ill-formed part becoming U+FFFD, and encodes the UTF-16 units one by one, so that a
/// supplementary character leaves as two surrogates of three bytes (CESU-8). Source: `BinaryInputArchive.readString`,
/// `BinaryOutputArchive.stringToByteBuffer`.
public enum JavaString {
    /// The bytes as Java would write them again. Returns `bytes` untouched, without a copy, in the common case.
    public static func normalized(_ bytes: [UInt8]) -> [UInt8] {
        bytes.withUnsafeBytes { normalized($0) } ?? bytes
    }

    /// The bytes as Java would write them again; nil when they are the same.
    public static func normalized(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
        // A byte below 0x80 is itself in both forms.
        if isASCII(bytes) { return nil }
        let text = joiningSurrogates(bytes) ?? String(decoding: bytes, as: UTF8.self)
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + 8)
        for unit in text.utf16 {
            append(unit, to: &result)
        }
        return bytes.elementsEqual(result) ? nil : result
    }

    private static func isASCII(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var offset = 0
        while offset + 8 <= bytes.count {
            let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            if word & 0x8080_8080_8080_8080 != 0 { return false }
            offset += 8
        }
        return bytes[offset...].allSatisfy { $0 < 0x80 }
    }

    /// The text of bytes that hold encoded surrogates, which Java takes as one ill-formed part each where Swift sees
    /// three; nil when there are none.
    private static func joiningSurrogates(_ bytes: UnsafeRawBufferPointer) -> String? {
        guard bytes.contains(0xED) else { return nil }
        var repaired: [UInt8] = []
        repaired.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            if bytes[index] == 0xED, index + 1 < bytes.count, bytes[index + 1] & 0xE0 == 0xA0 {
                // The third byte belongs to it if it can.
                index += index + 2 < bytes.count && bytes[index + 2] & 0xC0 == 0x80 ? 3 : 2
                repaired += [0xEF, 0xBF, 0xBD]
            } else {
                repaired.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: repaired, as: UTF8.self)
    }

    private static func append(_ unit: UInt16, to bytes: inout [UInt8]) {
        switch unit {
        case 0..<0x80:
            bytes.append(UInt8(unit))
        case 0x80..<0x800:
            bytes.append(0xC0 | UInt8(unit >> 6))
            bytes.append(0x80 | UInt8(unit & 0x3F))
        default:
            bytes.append(0xE0 | UInt8(unit >> 12))
            bytes.append(0x80 | UInt8(unit >> 6 & 0x3F))
            bytes.append(0x80 | UInt8(unit & 0x3F))
        }
    }
}
