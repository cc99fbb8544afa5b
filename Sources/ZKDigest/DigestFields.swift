/// `name=value` and `name="value"`, separated by commas; a backslash takes the next character as it is. No name comes
/// twice.
public struct DigestFields {
    private var values: [String: String] = [:]

    /// Nil for what is not UTF-8 or not of this form.
    public init?(_ token: [UInt8]) {
        guard let text = String(validating: token, as: UTF8.self) else { return nil }
        var rest = text.unicodeScalars[...]
        while true {
            rest = rest.drop { $0 == " " || $0 == "\t" || $0 == "," }
            guard !rest.isEmpty else { return }
            guard let equals = rest.firstIndex(of: "=") else { return nil }
            let name = String(rest[..<equals])
            rest = rest[rest.index(after: equals)...]
            guard !name.isEmpty, values[name] == nil, let value = Self.takeValue(&rest) else { return nil }
            values[name] = value
        }
    }

    public subscript(name: String) -> String? { values[name] }

    /// `text` as a value in quotes. Quotes and backslashes are escaped as scalars: a letter that combines with the one
    /// before it must not hide them.
    public static func quoted(_ text: String) -> String {
        var quoted = String.UnicodeScalarView("\"".unicodeScalars)
        for scalar in text.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { quoted.append("\\") }
            quoted.append(scalar)
        }
        return String(quoted) + "\""
    }

    private static func takeValue(_ rest: inout String.UnicodeScalarView.SubSequence) -> String? {
        guard rest.first == "\"" else {
            let value = rest.prefix { $0 != "," && $0 != " " && $0 != "\t" }
            rest = rest[value.endIndex...]
            return String(value)
        }
        rest.removeFirst()
        var value = String.UnicodeScalarView()
        while let scalar = rest.popFirst() {
            if scalar == "\"" { return String(value) }
            guard scalar == "\\" else {
                value.append(scalar)
                continue
            }
            guard let escaped = rest.popFirst() else { return nil }
            value.append(escaped)
        }
        return nil
    }
}
