/// The target of a request: its path, and the parameters behind the question mark, of each name the first.
struct HTTPTarget {
    let path: String
    private(set) var query: [String: String] = [:]

    init(_ uri: String) {
        let parts = uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = Self.decoded(parts[0].utf8)
        guard parts.count > 1 else { return }
        for pair in parts[1].split(separator: "&") {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = Self.decoded(sides[0].utf8, isForm: true)
            guard query[name] == nil else { continue }
            query[name] = sides.count > 1 ? Self.decoded(sides[1].utf8, isForm: true) : ""
        }
    }

    /// `%41` is an A; what is no such pair of digits stays as it is.
    private static func decoded(_ text: Substring.UTF8View, isForm: Bool = false) -> String {
        var bytes: [UInt8] = []
        var rest = text[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let value = pair(rest) {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(isForm && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func pair(_ text: Substring.UTF8View) -> UInt8? {
        let digits = text.prefix(2).map { Character(UnicodeScalar($0)) }
        guard digits.count == 2, let high = digits[0].hexDigitValue, let low = digits[1].hexDigitValue else {
            return nil
        }
        return UInt8(high << 4 | low)
    }
}
