/// JSON as Apache's admin server writes it: two blanks a level, ` : ` between name and value.
indirect enum JSONValue {
    case null
    case bool(Bool)
    case integer(Int64)
    case double(Double)
    case string(String)
    case array([JSONValue])
    case object([(name: String, value: JSONValue)])

    var text: String { render(level: 0) }

    private func render(level: Int) -> String {
        switch self {
        case .null: return "null"
        case .bool(let value): return value ? "true" : "false"
        case .integer(let value): return "\(value)"
        case .double(let value): return "\(value)"
        case .string(let text): return Self.quoted(text)
        case .array(let elements):
            if elements.isEmpty { return "[ ]" }
            return "[ " + elements.map { $0.render(level: level) }.joined(separator: ", ") + " ]"
        case .object(let members):
            if members.isEmpty { return "{ }" }
            let indent = String(repeating: "  ", count: level + 1)
            let lines = members.map { "\(indent)\(Self.quoted($0.name)) : \($0.value.render(level: level + 1))" }
            return "{\n" + lines.joined(separator: ",\n") + "\n" + String(repeating: "  ", count: level) + "}"
        }
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\u{8}": result += "\\b"
            case "\u{C}": result += "\\f"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16, uppercase: true)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
