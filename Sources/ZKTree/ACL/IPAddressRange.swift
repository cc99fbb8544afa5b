/// The ID of the scheme `ip`: an IPv4 or IPv6 address, optionally with the number of leading bits that count.
///
/// Source: `IPAuthenticationProvider`.
struct IPAddressRange {
    private let address: [UInt8]
    private let bits: Int

    init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = Self.address(parts[0]) else { return nil }
        self.address = address
        if parts.count == 2 {
            guard let bits = Self.javaInteger(parts[1], radix: 10), bits >= 0, bits <= address.count * 8 else {
                return nil
            }
            self.bits = bits
        } else {
            bits = address.count * 8
        }
    }

    /// Whether `text`, an address without a number of bits, lies in this range.
    func contains(_ text: String) -> Bool {
        guard let other = Self.address(Substring(text)), other.count == address.count else { return false }
        let whole = bits / 8
        guard address[..<whole] == other[..<whole] else { return false }
        guard bits % 8 != 0 else { return true }
        let mask = ~UInt8(truncatingIfNeeded: (1 << (8 - bits % 8)) - 1)
        return address[whole] & mask == other[whole] & mask
    }

    private static func address(_ text: Substring) -> [UInt8]? {
        if text.utf8.contains(UInt8(ascii: ":")) { return v6(text) }
        if text.utf8.contains(UInt8(ascii: ".")) { return v4(text) }
        return nil
    }

    private static func v4(_ text: Substring) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bytes: [UInt8] = []
        for part in parts {
            guard let value = javaInteger(part, radix: 10), let byte = UInt8(exactly: value) else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    private static func v6(_ text: Substring) -> [UInt8]? {
        let halves = halves(of: text)
        guard let halves, let front = segments(halves.front), let back = segments(halves.back ?? "") else { return nil }
        if halves.back == nil {
            return front.count == 16 ? front : nil
        }
        guard front.count + back.count < 16 else { return nil }
        return front + [UInt8](repeating: 0, count: 16 - front.count - back.count) + back
    }

    /// What stands before and after `::`; nothing after when there is none, nil when there are several.
    private static func halves(of text: Substring) -> (front: Substring, back: Substring?)? {
        let bytes = Array(text.utf8)
        let colon = UInt8(ascii: ":")
        var marks: [Int] = []
        var index = 0
        while index + 1 < bytes.count {
            if bytes[index] == colon, bytes[index + 1] == colon {
                marks.append(index)
                index += 2
            } else {
                index += 1
            }
        }
        guard let mark = marks.first else { return (text, nil) }
        guard marks.count == 1 else { return nil }
        return (
            Substring(String(decoding: bytes[..<mark], as: UTF8.self)),
            Substring(String(decoding: bytes[(mark + 2)...], as: UTF8.self))
        )
    }

    private static func segments(_ text: Substring) -> [UInt8]? {
        if text.isEmpty { return [] }
        var bytes: [UInt8] = []
        for part in text.split(separator: ":", omittingEmptySubsequences: false) {
            guard part.utf8.count <= 4, let value = javaInteger(part, radix: 16) else { return nil }
            bytes.append(UInt8(truncatingIfNeeded: value >> 8))
            bytes.append(UInt8(truncatingIfNeeded: value))
        }
        return bytes
    }

    /// A sign is allowed, as in `Integer.parseInt`.
    private static func javaInteger(_ text: Substring, radix: Int) -> Int? {
        Int32(text, radix: radix).map(Int.init)
    }
}
