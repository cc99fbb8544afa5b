/// A word of a command line: its bytes, and which of them were quoted.
///
/// Words are bytes, since data may be anything. Quoting is kept, since an operator, a glob, an option or the `@` of a
/// data operand is special only where it was not quoted.
public struct Word: Hashable, Sendable {
    public var bytes: [UInt8]
    /// The whole word stood in quotes: no byte of it is special.
    public var isQuoted: Bool
    /// Ascending offsets of the bytes that a backslash made literal.
    public var escapedOffsets: [Int]

    public init(bytes: [UInt8], isQuoted: Bool = false, escapedOffsets: [Int] = []) {
        self.bytes = bytes
        self.isQuoted = isQuoted
        self.escapedOffsets = escapedOffsets
    }

    public init(_ text: some StringProtocol) {
        self.init(bytes: Array(text.utf8))
    }

    /// The text, with U+FFFD for what is not UTF-8. For names and messages, never for data.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    public var isValidUTF8: Bool { String(validating: bytes, as: UTF8.self) != nil }

    /// Whether the byte at `offset` stands for itself.
    public func isLiteral(at offset: Int) -> Bool {
        isQuoted || escapedOffsets.contains(offset)
    }

    /// Whether the first byte stands for itself, so that the word is no option, operator or `@FILE`.
    public var startsLiterally: Bool { isQuoted || escapedOffsets.first == 0 }

    /// The word without its first `count` bytes.
    public func dropFirst(_ count: Int) -> Word {
        Word(
            bytes: Array(bytes.dropFirst(count)), isQuoted: isQuoted,
            escapedOffsets: escapedOffsets.compactMap { $0 >= count ? $0 - count : nil })
    }

    /// Whether this is the bare text `text`.
    public func isBare(_ text: StaticString) -> Bool {
        guard !isQuoted, escapedOffsets.isEmpty, bytes.count == text.utf8CodeUnitCount else { return false }
        return text.withUTF8Buffer { bytes.elementsEqual($0) }
    }
}

extension Word: ExpressibleByStringLiteral {
    public init(stringLiteral value: String) {
        self.init(value)
    }
}

extension Word: CustomStringConvertible {
    public var description: String { text }
}
