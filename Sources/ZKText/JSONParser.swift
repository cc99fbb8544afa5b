/// Why bytes are not JSON, and where.
public struct JSONError: Error, Hashable, Sendable {
    public var message: String
    public var offset: Int
}

extension JSONError: CustomStringConvertible {
    public var description: String { "\(message) at byte \(offset)" }
}

extension JSONValue {
    /// - Throws: ``JSONError`` for everything that RFC 8259 does not allow, for nesting deeper than 512 levels, and for a
    ///   name that an object has twice, of which each reader would take another one.
    public init(parsing bytes: some Sequence<UInt8>) throws(JSONError) {
        var parser = JSONParser(bytes: Array(bytes))
        self = try parser.parseDocument()
    }
}

private struct JSONParser {
    let bytes: [UInt8]
    var index = 0
    static let depthMax = 512

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func parseDocument() throws(JSONError) -> JSONValue {
        let value = try parseValue(depth: 0)
        skipBlanks()
        guard index == bytes.count else { throw fail("text after the value") }
        return value
    }

    private func fail(_ message: String) -> JSONError { JSONError(message: message, offset: index) }

    private mutating func skipBlanks() {
        while index < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[index]) { index += 1 }
    }

    private mutating func parseValue(depth: Int) throws(JSONError) -> JSONValue {
        guard depth < Self.depthMax else { throw fail("nested too deeply") }
        skipBlanks()
        guard index < bytes.count else { throw fail("the value is missing") }
        switch bytes[index] {
        case UInt8(ascii: "{"): return try parseObject(depth: depth)
        case UInt8(ascii: "["): return try parseArray(depth: depth)
        case UInt8(ascii: "\""): return .string(try parseString())
        case UInt8(ascii: "t"): return try parseWord("true", .bool(true))
        case UInt8(ascii: "f"): return try parseWord("false", .bool(false))
        case UInt8(ascii: "n"): return try parseWord("null", .null)
        default: return try parseNumber()
        }
    }

    private mutating func parseWord(_ word: String, _ value: JSONValue) throws(JSONError) -> JSONValue {
        guard bytes[index...].starts(with: word.utf8) else { throw fail("not a JSON value") }
        index += word.utf8.count
        return value
    }

    private mutating func parseObject(depth: Int) throws(JSONError) -> JSONValue {
        index += 1
        var members: [JSONValue.Member] = []
        var names: Set<[UInt8]> = []
        skipBlanks()
        if take("}") { return .object(members) }
        while true {
            skipBlanks()
            guard index < bytes.count, bytes[index] == UInt8(ascii: "\"") else {
                throw fail("a member name is missing")
            }
            let name = try parseString()
            guard names.insert(Array(name.utf8)).inserted else { throw fail("a second member of the same name") }
            skipBlanks()
            guard take(":") else { throw fail("':' is missing") }
            members.append(JSONValue.Member(name: name, value: try parseValue(depth: depth + 1)))
            skipBlanks()
            if take("}") { return .object(members) }
            guard take(",") else { throw fail("',' or '}' is missing") }
        }
    }

    private mutating func parseArray(depth: Int) throws(JSONError) -> JSONValue {
        index += 1
        var elements: [JSONValue] = []
        skipBlanks()
        if take("]") { return .array(elements) }
        while true {
            elements.append(try parseValue(depth: depth + 1))
            skipBlanks()
            if take("]") { return .array(elements) }
            guard take(",") else { throw fail("',' or ']' is missing") }
        }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard index < bytes.count, bytes[index] == UInt8(ascii: character) else { return false }
        index += 1
        return true
    }

    private mutating func parseNumber() throws(JSONError) -> JSONValue {
        let start = index
        _ = take("-")
        let digits = try takeDigits()
        guard digits == 1 || bytes[index - digits] != UInt8(ascii: "0") else { throw fail("a number with a leading 0") }
        if take(".") { _ = try takeDigits() }
        if take("e") || take("E") {
            if !take("-") { _ = take("+") }
            _ = try takeDigits()
        }
        let text = String(decoding: bytes[start..<index], as: UTF8.self)
        if let value = Int64(text), String(value) == text { return .int(value) }
        return .number(text)
    }

    private mutating func takeDigits() throws(JSONError) -> Int {
        let start = index
        while index < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[index]) { index += 1 }
        guard index > start else { throw fail("not a JSON value") }
        return index - start
    }

    private mutating func parseString() throws(JSONError) -> String {
        index += 1
        var text: [UInt8] = []
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = String(validating: text, as: UTF8.self) else { throw fail("a string is not UTF-8") }
                return string
            case UInt8(ascii: "\\"): text.append(contentsOf: try parseEscape())
            case 0..<0x20: throw fail("a control character in a string")
            default: text.append(byte)
            }
        }
        throw fail("a string has no end")
    }

    private mutating func parseEscape() throws(JSONError) -> [UInt8] {
        guard index < bytes.count else { throw fail("a string has no end") }
        let letter = bytes[index]
        index += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [letter]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"):
            var value = try parseHex()
            if (0xD800..<0xDC00).contains(value) {
                guard take("\\"), take("u") else { throw fail("half a surrogate pair") }
                let low = try parseHex()
                guard (0xDC00..<0xE000).contains(low) else { throw fail("half a surrogate pair") }
                value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(value) else { throw fail("half a surrogate pair") }
            return Array(String(Character(scalar)).utf8)
        default: throw fail("an unknown escape")
        }
    }

    private mutating func parseHex() throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard index < bytes.count, let digit = bytes[index].hexDigitValue else {
                throw fail("\\u needs four hexadecimal digits")
            }
            value = value << 4 | UInt32(digit)
            index += 1
        }
        return value
    }
}
