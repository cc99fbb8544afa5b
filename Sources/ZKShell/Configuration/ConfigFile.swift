/// The user's config file: sections of `key = value`.
///
/// ```
/// # a comment
/// [default]
/// server = localhost:2181
/// [profile prod]
/// server = zk1,zk2,zk3/app
/// tls = on
/// [alias]
/// lt = ls -l --sort mtime -r
/// ```
struct ConfigFile {
    struct Entry: Hashable {
        var key: String
        var value: String
        var line: Int
    }

    let name: String
    private(set) var defaults: [Entry] = []
    private(set) var profiles: [String: [Entry]] = [:]
    private(set) var aliases: [Entry] = []

    private enum Section {
        case defaults
        case profile(String)
        case alias
    }

    /// - Throws: ``ShellError`` 2 that names the line with the mistake.
    init(_ text: String, name: String) throws(ShellError) {
        self.name = name
        var section = Section.defaults
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let content = String(line).trimmingBlanks()
            guard let first = content.first, first != "#", first != ";" else { continue }
            if first == "[" {
                section = try Self.section(content, at: "\(name):\(index + 1)")
                if case .profile(let profile) = section, profiles[profile] == nil { profiles[profile] = [] }
                continue
            }
            guard let equals = content.firstIndex(of: "=") else {
                throw .usage("\(name):\(index + 1): neither key = value nor [section]")
            }
            let entry = Entry(
                key: String(content[..<equals]).trimmingBlanks(),
                value: Self.unquoted(String(content[content.index(after: equals)...]).trimmingBlanks()), line: index + 1
            )
            switch section {
            case .defaults: defaults.append(entry)
            case .profile(let profile): profiles[profile]?.append(entry)
            case .alias: aliases.append(entry)
            }
        }
    }

    private static func section(_ line: String, at place: String) throws(ShellError) -> Section {
        let words = line.dropFirst().prefix { $0 != "]" }.split(whereSeparator: \.isWhitespace).map(String.init)
        if line.last == "]" {
            if words == ["default"] { return .defaults }
            if words == ["alias"] { return .alias }
            if words.count == 2, words[0] == "profile" { return .profile(words[1]) }
        }
        throw .usage("\(place): \(line): the sections are [default], [profile NAME] and [alias]")
    }

    private static func unquoted(_ text: String) -> String {
        guard text.count > 1, let quote = text.first, quote == "\"" || quote == "'", text.last == quote else {
            return text
        }
        return String(text.dropFirst().dropLast())
    }
}
