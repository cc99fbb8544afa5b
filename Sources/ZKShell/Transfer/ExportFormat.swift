internal import ShellLanguage
internal import ZKCore
internal import ZKText

/// How an export is written.
///
/// `json` is one object `{"zoosh":"export","version":1,"root":PATH,"znodes":[…]}` with a znode on each line; `jsonl` has
/// the same without the list: a header on the first line, then a znode on each. `script` is a file of `create` commands.
enum ExportFormat: String, ShellValue, CaseIterable {
    case json
    case jsonl
    case script

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

    func line(_ record: ZnodeRecord, isFirst: Bool, showsStat: Bool) -> [UInt8] {
        switch self {
        case .json: (isFirst ? [] : [UInt8(ascii: ","), .newline]) + record.json(showsStat: showsStat).serialized
        case .jsonl: record.json(showsStat: showsStat).serialized + [.newline]
        case .script: Array(Self.command(record).utf8) + [.newline]
        }
    }

    /// What goes after the last znode.
    var trailer: [UInt8] {
        self == .json ? [.newline] + Array("]}".utf8) + [.newline] : []
    }

    /// The commands that make the znode. `--exist-ok`, so that a script can be run again.
    private static func command(_ record: ZnodeRecord) -> String {
        let path = ShellQuoting.quoted(record.path.string)
        var text = "create --exist-ok "
        switch record.data {
        case nil: text += path
        case .some(let data):
            if let data = String(validating: data, as: UTF8.self) {
                // An unquoted @ would name a file, an unquoted dash an option.
                text += "\(path) \(ShellQuoting.quoted(data))"
            } else {
                text += "-b \(path) '\(Base64.encode(data))'"
            }
        }
        // Apart: null data leaves no place for an ACL behind it.
        if let acl = record.acl { text += "\nsetAcl \(path) \(ShellQuoting.quoted(ACLOperand.text(of: acl)))" }
        return text
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
