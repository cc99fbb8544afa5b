public import ShellLanguage
public import ZKCore

/// An ACL as zkCli writes it: `scheme:id:perms`, separated by commas. The ID may hold colons.
public struct ACLOperand: ShellValue, Sendable {
    public var entries: [ACL]

    public init(word: Word) throws(UsageError) {
        entries = []
        for part in word.text.split(separator: ",", omittingEmptySubsequences: false) {
            entries.append(try Self.entry(part))
        }
    }

    public init?(argument: String) {
        guard let value = try? Self(word: Word(argument)) else { return nil }
        self = value
    }

    public static var defaultCompletionKind: CommandSchema.Completion {
        .list(["world:anyone:cdrwa", "world:anyone:r", "auth::cdrwa", "digest:", "ip:", "x509:", "sasl:"])
    }

    private static func entry(_ text: Substring) throws(UsageError) -> ACL {
        guard let first = text.firstIndex(of: ":"), let last = text.lastIndex(of: ":"), first != last else {
            let isData = text.contains { "{}[]\"'".contains($0) }
            throw UsageError(
                isData
                    ? "\(text) stands where an ACL does: data that has blanks in it must be quoted, as '{\"a\": 1}'"
                    : "\(text) is not an ACL entry: write scheme:id:perms, such as world:anyone:cdrwa")
        }
        let scheme = text[..<first]
        let id = text[text.index(after: first)..<last]
        guard !scheme.isEmpty else { throw UsageError("\(text): an ACL entry starts with a scheme, such as world") }
        return ACL(
            perms: try permissions(text[text.index(after: last)...], of: text), scheme: UString(scheme), id: UString(id)
        )
    }

    private static func permissions(_ letters: Substring, of entry: Substring) throws(UsageError) -> Permissions {
        var permissions: Permissions = []
        for letter in letters {
            switch letter {
            case "c": permissions.insert(.create)
            case "d": permissions.insert(.delete)
            case "r": permissions.insert(.read)
            case "w": permissions.insert(.write)
            case "a": permissions.insert(.admin)
            default: throw UsageError("\(entry): \(letter) is not a permission; the letters are cdrwa")
            }
        }
        guard !permissions.isEmpty else { throw UsageError("\(entry): no permission; the letters are cdrwa") }
        return permissions
    }
}

/// Whose entries are meant: ACLs as zkCli writes them, of which the permissions may be left out.
struct ACLIdentityOperand: ShellValue, Sendable {
    var identities: [ACLIdentity]

    init(word: Word) throws(UsageError) {
        identities = []
        for part in word.text.split(separator: ",", omittingEmptySubsequences: false) {
            if let entries = try? ACLOperand(word: Word(String(part))).entries {
                identities += entries.map(\.identity)
                continue
            }
            guard let colon = part.firstIndex(of: ":"), colon != part.startIndex else {
                throw UsageError("\(part) is no identity: write scheme:id or scheme:id:perms")
            }
            identities.append(
                ACLIdentity(scheme: UString(part[..<colon]), id: UString(part[part.index(after: colon)...])))
        }
    }

    init?(argument: String) {
        guard let value = try? Self(word: Word(argument)) else { return nil }
        self = value
    }

    static var defaultCompletionKind: CommandSchema.Completion { ACLOperand.defaultCompletionKind }
}
