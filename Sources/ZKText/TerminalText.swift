/// Makes untrusted bytes harmless for a terminal.
///
/// Data, znode names and messages of a server may hold anything. Control characters would move the cursor, rename the
/// window or answer in the user's name, so they are shown as `\xHH`; so is what is not UTF-8, and so are the characters
/// that reverse the direction of text, which make one name look like another.
public enum TerminalText {
    /// - Parameter keepsLines: newlines and tabs are left as they are.
    public static func append(_ bytes: some Sequence<UInt8>, to result: inout [UInt8], keepsLines: Bool) {
        var iterator = bytes.makeIterator()
        var pending: [UInt8] = []
        var next = iterator.next()
        while let byte = next {
            next = iterator.next()
            if byte < 0x80 {
                if byte >= 0x20 && byte != 0x7F || keepsLines && (byte == 0x0A || byte == 0x09) {
                    result.append(byte)
                } else {
                    appendEscaped([byte], to: &result)
                }
                continue
            }
            pending = [byte]
            let length = sequenceLength(lead: byte)
            while pending.count < length, let more = next, more & 0xC0 == 0x80 {
                pending.append(more)
                next = iterator.next()
            }
            if length > 1, let text = String(validating: pending, as: UTF8.self),
                let scalar = text.unicodeScalars.first, isHarmless(scalar)
            {
                result.append(contentsOf: pending)
            } else {
                appendEscaped(pending, to: &result)
            }
        }
    }

    public static func escaped(_ text: String, keepsLines: Bool = false) -> String {
        var bytes: [UInt8] = []
        append(text.utf8, to: &bytes, keepsLines: keepsLines)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Whether `text` would be shown as it is.
    public static func isHarmless(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F } || escaped(text) == text
    }

    private static func sequenceLength(lead: UInt8) -> Int {
        switch lead {
        case 0xC2...0xDF: 2
        case 0xE0...0xEF: 3
        case 0xF0...0xF4: 4
        default: 1
        }
    }

    /// Whether `scalar`, which is beyond ASCII, neither is a control character nor changes the direction of text.
    public static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x80...0x9F, 0x061C, 0x200E, 0x200F, 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x2069: false
        default: true
        }
    }

    private static func appendEscaped(_ bytes: [UInt8], to result: inout [UInt8]) {
        for byte in bytes {
            result.append(contentsOf: [
                UInt8(ascii: "\\"), UInt8(ascii: "x"), Hex.digit(byte >> 4), Hex.digit(byte),
            ])
        }
    }
}
