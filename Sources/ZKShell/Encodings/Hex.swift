/// Bytes as pairs of hexadecimal digits.
enum Hex {
    static func encode(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Blanks, line ends and a leading `0x` are skipped; nil for anything else that is not pairs of digits.
    static func decode(_ text: some Sequence<UInt8>) -> [UInt8]? {
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
    static func dump(_ bytes: [UInt8]) -> String {
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
