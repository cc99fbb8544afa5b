/// Writes words so that the shell reads them back as they are.
enum WordQuoting {
    private static let special = Set(" \t'\"\\*?[#;|<>&@!-".utf8)

    /// Whether a backslash takes the meaning from `byte`.
    static func isEscapable(_ byte: UInt8) -> Bool { special.contains(byte) }

    /// The quote in which all of `texts` can be written, of a word that began with `quote`: there is no apostrophe in '…'.
    static func quote(for texts: some Sequence<[UInt8]>, begunWith quote: UInt8?) -> UInt8? {
        guard let quote, quote == UInt8(ascii: "'") else { return quote }
        return texts.contains { $0.contains(quote) } ? UInt8(ascii: "\"") : quote
    }

    /// `text` for a word that began with `quote`, or with none. A quoted word is not closed.
    static func quoted(_ text: [UInt8], quote: UInt8?) -> [UInt8] {
        switch quote {
        case .some(let quote) where quote == UInt8(ascii: "\""):
            var result = [quote]
            for byte in text {
                if byte == quote || byte == UInt8(ascii: "\\") { result.append(UInt8(ascii: "\\")) }
                result.append(byte)
            }
            return result
        case .some(let quote):
            return [quote] + text
        case nil:
            var result: [UInt8] = []
            for (index, byte) in text.enumerated() {
                if needsBackslash(byte, isFirst: index == 0) { result.append(UInt8(ascii: "\\")) }
                result.append(byte)
            }
            return result
        }
    }

    /// Operators and the like are special only as words of their own or at the start of a word: a znode's path begins
    /// with a slash or a name.
    private static func needsBackslash(_ byte: UInt8, isFirst: Bool) -> Bool {
        switch byte {
        case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\\"), UInt8(ascii: "*"), UInt8(ascii: "?"),
            UInt8(ascii: "["):
            true
        default:
            isFirst && isEscapable(byte)
        }
    }
}
