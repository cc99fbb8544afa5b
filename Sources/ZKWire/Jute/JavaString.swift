/// What a Java server makes of the bytes of a string.
///
/// Java decodes strict UTF-8, each ill-formed part becoming U+FFFD, and encodes the UTF-16 units one by one, so that a
/// supplementary character leaves as two surrogates of three bytes (CESU-8). Source: `BinaryInputArchive.readString`,
/// `BinaryOutputArchive.stringToByteBuffer`.
public enum JavaString {
    /// The bytes as Java would write them again. Returns `bytes` untouched, without a copy, in the common case.
    public static func normalized(_ bytes: [UInt8]) -> [UInt8] {
        // A byte below 0x80 is itself in both forms.
        if bytes.allSatisfy({ $0 < 0x80 }) { return bytes }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + 8)
        for unit in String(decoding: bytes, as: UTF8.self).utf16 {
            append(unit, to: &result)
        }
        return result
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
