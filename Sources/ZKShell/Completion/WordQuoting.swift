/// Writes words so that the shell reads them back as they are.
enum WordQuoting {
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
                if byte.isSpecial(atWordStart: index == 0) { result.append(UInt8(ascii: "\\")) }
                result.append(byte)
            }
            return result
        }
    }
}
