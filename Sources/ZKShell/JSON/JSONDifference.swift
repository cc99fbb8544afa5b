internal import ZKText

/// Where two JSON values differ: by what they mean, not by how they are written.
struct JSONDifference: Sendable, Hashable {
    /// As `get --path` takes it; a dot for the whole.
    var path: String
    /// Nil where this side has nothing.
    var a: JSONValue?
    var b: JSONValue?

    /// In the order of A, then what only B has. Empty for equal values.
    static func all(_ a: JSONValue, _ b: JSONValue) -> [JSONDifference] {
        var found: [JSONDifference] = []
        compare(a, b, at: "", &found)
        return found
    }

    private static func compare(_ a: JSONValue?, _ b: JSONValue?, at path: String, _ found: inout [JSONDifference]) {
        switch (a, b) {
        case (.object(let mine)?, .object(let others)?):
            let values = Dictionary(others.map { ($0.name, $0.value) }) { first, _ in first }
            for member in mine { compare(member.value, values[member.name], at: path + step(member.name), &found) }
            let names = Set(mine.map(\.name))
            for member in others where !names.contains(member.name) {
                compare(nil, member.value, at: path + step(member.name), &found)
            }
        case (.array(let mine)?, .array(let others)?):
            for index in 0..<max(mine.count, others.count) {
                compare(
                    index < mine.count ? mine[index] : nil, index < others.count ? others[index] : nil,
                    at: "\(path)[\(index)]", &found)
            }
        case (let a, let b):
            if let a, let b, a == b || number(a).map({ $0 == number(b) }) ?? false { return }
            found.append(JSONDifference(path: path.isEmpty ? "." : path, a: a, b: b))
        }
    }

    private static func step(_ name: String) -> String {
        let isPlain =
            !name.isEmpty
            && name.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_")
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            }
        return isPlain ? ".\(name)" : "[" + String(decoding: JSONValue.string(name).serialized, as: UTF8.self) + "]"
    }

    /// A number without the ways in which one can be written: 1.50, 15e-1 and 0.15E1 are one.
    private struct Number: Hashable {
        var isNegative: Bool
        var digits: String
        var exponent: Int
    }

    /// Nil for what is no number, or one whose exponent nobody can handle.
    private static func number(_ value: JSONValue) -> Number? {
        let text: String
        switch value {
        case .int(let value): text = "\(value)"
        case .double(let value): text = "\(value)"
        case .number(let written): text = written
        case .null, .bool, .string, .array, .object: return nil
        }
        let halves = text.split(maxSplits: 1) { $0 == "e" || $0 == "E" }
        guard let mantissa = halves.first else { return nil }
        var exponent = 0
        if halves.count == 2 {
            let written = halves[1].hasPrefix("+") ? halves[1].dropFirst() : halves[1]
            guard let value = Int(written), abs(value) < 1 << 40 else { return nil }
            exponent = value
        }
        let parts = mantissa.drop { $0 == "-" }.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        var digits = parts.joined()[...]
        if parts.count == 2 { exponent -= parts[1].count }
        while digits.last == "0" {
            digits.removeLast()
            exponent += 1
        }
        digits = digits.drop { $0 == "0" }
        if digits.isEmpty { return Number(isNegative: false, digits: "", exponent: 0) }
        return Number(isNegative: mantissa.hasPrefix("-"), digits: String(digits), exponent: exponent)
    }
}
