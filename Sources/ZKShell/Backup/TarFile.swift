internal import Glibc

/// A tar (POSIX ustar) that holds some files in its top directory.
enum TarFile {
    static let blockBytes = 512

    struct Entry: Sendable, Hashable {
        var name: String
        var offset: Int64
        var size: Int64
    }

    /// The header of a file that only its owner may read.
    static func header(name: String, size: Int64, seconds: Int64) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: blockBytes)
        func put(_ text: String, at offset: Int) {
            for (index, byte) in text.utf8.enumerated() { block[offset + index] = byte }
        }
        func octal(_ value: Int64, digits: Int) -> String {
            let text = String(value, radix: 8)
            return String(repeating: "0", count: max(0, digits - text.count)) + text
        }
        put(name, at: 0)
        put("0000600", at: 100)
        put("0000000", at: 108)
        put("0000000", at: 116)
        if size < 1 << 33 {
            put(octal(size, digits: 11), at: 124)
        } else {
            // What GNU tar and all others of today write for more than eleven octal digits.
            block[124] = 0x80
            for index in 0..<8 { block[128 + index] = UInt8(truncatingIfNeeded: size >> (56 - 8 * index)) }
        }
        put(octal(seconds, digits: 11), at: 136)
        put("        ", at: 148)
        put("0", at: 156)
        put("ustar", at: 257)
        put("00", at: 263)
        put(octal(Int64(block.reduce(0) { $0 + Int($1) }), digits: 6), at: 148)
        block[154] = 0
        return block
    }

    /// - Returns: nil for the end of the tar.
    static func parse(_ block: [UInt8]) throws(Damage) -> (name: String, size: Int64)? {
        if block.allSatisfy({ $0 == 0 }) { return nil }
        var sum = 0
        for (index, byte) in block.enumerated() { sum += (148..<156).contains(index) ? 0x20 : Int(byte) }
        guard let given = octal(block[148..<156]), given == Int64(sum), block[257..<262].elementsEqual("ustar".utf8)
        else {
            throw Damage()
        }
        let name = block[..<100].prefix { $0 != 0 }
        let size: Int64
        if block[124] == 0x80 {
            size = block[128..<136].reduce(Int64(0)) { $0 << 8 | Int64($1) }
        } else {
            size = octal(block[124..<136]) ?? -1
        }
        guard size >= 0, let text = String(validating: name, as: UTF8.self), !text.isEmpty else { throw Damage() }
        return (text, size)
    }

    struct Damage: Error {}

    private static func octal(_ bytes: ArraySlice<UInt8>) -> Int64? {
        let digits = bytes.drop { $0 == 0x20 }.prefix { $0 != 0 && $0 != 0x20 }
        guard let text = String(validating: digits, as: UTF8.self) else { return nil }
        return Int64(text, radix: 8)
    }
}
