/// The bytes of a jute `ustring`: text as it stands on the wire and on the disk.
///
/// Equality and hashing are those of the bytes, never of canonically equal text. Bytes that are not UTF-8 survive.
public struct UString: Hashable, Sendable {
    public var bytes: [UInt8]

    public init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    public init(_ string: some StringProtocol) {
        bytes = Array(string.utf8)
    }

    public var isEmpty: Bool { bytes.isEmpty }

    /// The text. Surrogate halves that Java wrote as three bytes each (CESU-8) are joined again; other bytes that are
    /// not UTF-8 become U+FFFD.
    public var string: String {
        if let text = String(validating: bytes, as: UTF8.self) {
            return text
        }
        return String(decoding: UString.joiningSurrogates(in: bytes), as: UTF8.self)
    }

    /// Rewrites each pair `ED A0..AF xx ED B0..BF xx` as the four bytes of its scalar.
    private static func joiningSurrogates(in bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            if let high = surrogate(in: bytes, at: index, marks: 0xA0),
                let low = surrogate(in: bytes, at: index + 3, marks: 0xB0)
            {
                let scalar = 0x10000 + (high << 10) + low
                result.append(0xF0 | UInt8(scalar >> 18))
                result.append(0x80 | UInt8(scalar >> 12 & 0x3F))
                result.append(0x80 | UInt8(scalar >> 6 & 0x3F))
                result.append(0x80 | UInt8(scalar & 0x3F))
                index += 6
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return result
    }

    /// The ten payload bits of the surrogate half at `index`, if there is one whose second byte is in `marks ... marks + 15`.
    private static func surrogate(in bytes: [UInt8], at index: Int, marks: UInt8) -> UInt32? {
        guard index + 2 < bytes.count, bytes[index] == 0xED, bytes[index + 1] & 0xF0 == marks,
            bytes[index + 2] & 0xC0 == 0x80
        else { return nil }
        return UInt32(bytes[index + 1] & 0x0F) << 6 | UInt32(bytes[index + 2] & 0x3F)
    }
}

extension UString: ExpressibleByStringLiteral {
    public init(stringLiteral value: String) {
        self.init(value)
    }
}

extension UString: CustomStringConvertible {
    public var description: String { string }
}
