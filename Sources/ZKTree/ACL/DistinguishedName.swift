/// Whether a text is an X.500 name such as `CN=client1,O=Example`, as `X500Principal` takes it.
enum DistinguishedName {
    private static let keywords: Set<String> = [
        "CN", "C", "L", "S", "ST", "O", "OU", "T", "IP", "STREET", "DC", "DNQUALIFIER", "DNQ", "SURNAME", "GIVENNAME",
        "INITIALS", "GENERATION", "EMAIL", "EMAILADDRESS", "UID", "SERIALNUMBER",
    ]

    static func isValid(_ text: String) -> Bool {
        if text.allSatisfy(\.isWhitespace) { return true }
        guard let relativeNames = split(text, at: [",", ";"]) else { return false }
        for name in relativeNames {
            guard let parts = split(name, at: ["+"]) else { return false }
            guard parts.allSatisfy(isAttribute) else { return false }
        }
        return true
    }

    private static func isAttribute(_ text: String) -> Bool {
        guard let equals = text.firstIndex(of: "=") else { return false }
        let key = text[..<equals].drop(while: \.isWhitespace)
        var trimmed = String(key)
        while trimmed.last?.isWhitespace == true { trimmed.removeLast() }
        guard !trimmed.isEmpty else { return false }
        if keywords.contains(trimmed.uppercased()) { return true }
        let oid = trimmed.uppercased().hasPrefix("OID.") ? String(trimmed.dropFirst(4)) : trimmed
        let arcs = oid.split(separator: ".", omittingEmptySubsequences: false)
        return arcs.count >= 2 && arcs.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { (48...57).contains($0) } }
    }

    /// The parts between separators that are neither quoted nor escaped; nil when a quote stays open.
    private static func split(_ text: String, at separators: Set<Character>) -> [String]? {
        var parts = [""]
        var isQuoted = false
        var isEscaped = false
        for character in text {
            if isEscaped {
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if character == "\"" {
                isQuoted.toggle()
            } else if !isQuoted, separators.contains(character) {
                parts.append("")
                continue
            }
            parts[parts.count - 1].append(character)
        }
        return isQuoted || isEscaped ? nil : parts
    }
}
