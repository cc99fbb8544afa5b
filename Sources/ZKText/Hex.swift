/// Bytes as pairs of hexadecimal digits.
public enum Hex {
    /// `0x` and the digits of `value` taken as unsigned, as ZooKeeper's tools print session IDs and zxids.
    public static func number(_ value: Int64) -> String {
        "0x" + String(UInt64(bitPattern: value), radix: 16)
    }

    /// The lower digit for the lower four bits of `value`.
    public static func digit(_ value: UInt8) -> UInt8 {
        let nibble = value & 15
        return nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") - 10 + nibble
    }

    public static func encode(_ bytes: some Sequence<UInt8>) -> String {
        var text: [UInt8] = []
        for byte in bytes {
            text.append(digit(byte >> 4))
            text.append(digit(byte))
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Blanks, line ends and a leading `0x` are skipped; nil for anything else that is not pairs of digits.
    public static func decode(_ text: some Sequence<UInt8>) -> [UInt8]? {
        var digits = text.filter { !$0.isBlankOrNewline }[...]
        if digits.starts(with: "0x".utf8) { digits = digits.dropFirst(2) }
        guard digits.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        while let high = digits.popFirst(), let low = digits.popFirst() {
            guard let high = high.hexDigitValue, let low = low.hexDigitValue else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    /// The dump that zkCli's `get -x` prints, with a frame, offsets and the printable characters.
    public static func dump(_ bytes: [UInt8]) -> String {
        guard !bytes.isEmpty else { return "" }
        let frame = "+--------+-------------------------------------------------+----------------+"
        var lines = [
            "         +-------------------------------------------------+",
            "         |  0  1  2  3  4  5  6  7  8  9  a  b  c  d  e  f |",
            frame,
        ]
        for start in stride(from: 0, to: bytes.count, by: 16) {
            let row = bytes[start..<min(start + 16, bytes.count)]
            let offset = String(start, radix: 16)
            let cells = row.map { " " + encode([$0]) }.joined()
            let text = String(decoding: row.map { (0x20..<0x7F).contains($0) ? $0 : UInt8(ascii: ".") }, as: UTF8.self)
            lines.append(
                "|" + String(repeating: "0", count: max(0, 8 - offset.count)) + offset + "|"
                    + cells + String(repeating: " ", count: 49 - cells.count) + "|"
                    + text + String(repeating: " ", count: 16 - row.count) + "|")
        }
        lines.append(frame)
        return lines.joined(separator: "\n")
    }
}
