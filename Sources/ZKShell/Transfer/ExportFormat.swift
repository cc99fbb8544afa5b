internal import ShellLanguage
internal import ZKCore
internal import ZKText

/// How an export is written.
///
/// `json` is one object `{"zoosh":"export","version":1,"root":PATH,"znodes":[…]}` with a znode on each line; `jsonl` has
/// the same without the list: a header on the first line, then a znode on each, then `{"zoosh":"end","znodes":COUNT}`.
/// `script` is a file of `create` commands.
enum ExportFormat: String, ShellValue, CaseIterable {
    case json
    case jsonl
    case script

    private static let foreignEndings: Set<String> = [
        "yaml", "yml", "xml", "toml", "csv", "tsv", "parquet", "proto", "zip", "7z", "tar", "tgz", "bz2", "xz", "zst",
        "zstd",
        "lz4", "br",
    ]

    /// The format that the name of a file asks for, `.gz` aside.
    ///
    /// - Throws: ``UsageError`` for the name of a format that is not written.
    init(file name: String) throws {
        var name = name.lowercased()
        if Self.isPacked(name) { name.removeLast(3) }
        let last = name.split(separator: "/").last ?? ""
        let ending = last.lastIndex(of: ".").map { String(last[last.index(after: $0)...]) } ?? ""
        guard !Self.foreignEndings.contains(ending) else {
            throw UsageError("\(name): an export is json, jsonl or script, each .gz or not; --format says which it is")
        }
        self = ["jsonl", "ndjson"].contains(ending) ? .jsonl : .json
    }

    /// Whether a file of this name is in gzip form.
    static func isPacked(_ name: String) -> Bool { name.lowercased().hasSuffix(".gz") }

    /// What goes before the first znode.
    func header(root: ZnodePath) -> [UInt8] {
        let members: [JSONValue.Member] = [
            .init(name: "zoosh", value: "export"), .init(name: "version", value: 1),
            .init(name: "root", value: JSONValue(root)),
        ]
        let object = JSONValue.object(members).serialized
        switch self {
        case .json: return object.dropLast() + Array(#","znodes":["#.utf8) + [.newline]
        case .jsonl: return object + [.newline]
        case .script: return []
        }
    }

    /// What goes after the last znode: without it an export is not whole.
    func trailer(count: Int) -> [UInt8] {
        switch self {
        case .json: [.newline] + Array("]}".utf8) + [.newline]
        case .jsonl: JSONValue.members(["zoosh": "end", "znodes": .int(Int64(count))]).serialized + [.newline]
        case .script: []
        }
    }
}

/// The commands that make znodes, for a script that can be run again.
struct ExportScript {
    /// ACLs that come after the children, which they might forbid.
    private var late: [(path: ZnodePath, acl: [ACL])] = []

    /// - Parameter record: parents come before their children.
    mutating func commands(for record: ZnodeRecord) -> [UInt8] {
        var lines = takeLate { !record.path.isEqualOrBelow($0) }
        let path = ShellQuoting.quoted(record.path.string)
        var acl = record.acl.flatMap { $0 == .openUnsafe ? nil : $0 }
        if let present = acl, record.childCount > 0, !present.letsAnybodyBuild {
            late.append((record.path, present))
            acl = nil
        }
        var line = "create --exist-ok "
        switch record.data {
        case nil: line += path
        case .some(let data):
            if let data = String(validating: data, as: UTF8.self) {
                // An unquoted @ would name a file, an unquoted dash an option.
                line += "\(path) \(ShellQuoting.quoted(data))"
            } else {
                line += "-b \(path) '\(Base64.encode(data))'"
            }
        }
        if let acl {
            let text = ShellQuoting.quoted(ACLOperand.text(of: acl))
            // Apart: null data leaves no place for an ACL behind it.
            line += record.data == nil ? "\nsetAcl \(path) \(text)" : " \(text)"
        }
        lines += Array(line.utf8) + [.newline]
        return lines
    }

    /// What comes after the last znode.
    mutating func rest() -> [UInt8] { takeLate { _ in true } }

    private mutating func takeLate(where isOver: (ZnodePath) -> Bool) -> [UInt8] {
        var lines: [UInt8] = []
        while let (path, acl) = late.last, isOver(path) {
            late.removeLast()
            let line = "setAcl \(ShellQuoting.quoted(path.string)) \(ShellQuoting.quoted(ACLOperand.text(of: acl)))"
            lines += Array(line.utf8) + [.newline]
        }
        return lines
    }
}

/// Words as the shell's grammar reads them back.
enum ShellQuoting {
    static func quoted(_ text: String) -> String {
        let isPlain =
            !text.isEmpty
            && text.utf8.allSatisfy { byte in
                byte.isDigit || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                    || [UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: ":"), UInt8(ascii: ",")]
                        .contains(byte)
            }
        if isPlain { return text }
        let isQuotable = text.unicodeScalars.allSatisfy { $0 != "'" && $0.value >= 0x20 && $0.value != 0x7F }
        if isQuotable { return "'" + text + "'" }
        var result = "$'"
        for scalar in text.unicodeScalars {
            switch scalar {
            case "'": result += #"\'"#
            case "\\": result += #"\\"#
            case "\n": result += #"\n"#
            case "\t": result += #"\t"#
            case "\r": result += #"\r"#
            default:
                if scalar.value < 0x20 || scalar.value == 0x7F {
                    result += #"\x"# + Hex.encode([UInt8(scalar.value)])
                } else {
                    result.unicodeScalars.append(scalar)
                }
            }
        }
        return result + "'"
    }
}

extension ACLOperand {
    /// `scheme:id:perms`, separated by commas: what ``init(word:)`` reads.
    static func text(of acl: [ACL]) -> String {
        acl.map { "\($0.identity.scheme):\($0.identity.id):\($0.perms.letters)" }.joined(separator: ",")
    }
}
