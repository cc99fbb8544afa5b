/// What an entry of an access control list allows. Bits without a name are stored and returned untouched.
public struct Permissions: OptionSet, Hashable, Sendable {
    public let rawValue: Int32

    public init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    public static let read = Self(rawValue: 1)
    public static let write = Self(rawValue: 2)
    public static let create = Self(rawValue: 4)
    public static let delete = Self(rawValue: 8)
    public static let admin = Self(rawValue: 16)
    public static let all: Self = [.read, .write, .create, .delete, .admin]

    /// The letters that zkCli.sh uses, in its order: `cdrwa`.
    public var letters: String {
        let names: [(Permissions, String)] = [
            (.create, "c"), (.delete, "d"), (.read, "r"), (.write, "w"), (.admin, "a"),
        ]
        return names.reduce(into: "") { if contains($1.0) { $0 += $1.1 } }
    }
}

/// Whom an entry of an access control list is about: a scheme such as `digest` and an ID in that scheme's form.
public struct ACLIdentity: Hashable, Sendable {
    public var scheme: UString
    public var id: UString

    public init(scheme: UString, id: UString) {
        self.scheme = scheme
        self.id = id
    }

    public static let anyone = Self(scheme: "world", id: "anyone")
    /// Stands for every identity of the connection that asks.
    public static let authenticated = Self(scheme: "auth", id: "")
}

/// An entry of an access control list.
public struct ACL: Hashable, Sendable {
    public var perms: Permissions
    public var identity: ACLIdentity

    public init(perms: Permissions, identity: ACLIdentity) {
        self.perms = perms
        self.identity = identity
    }

    public init(perms: Permissions, scheme: UString, id: UString) {
        self.init(perms: perms, identity: ACLIdentity(scheme: scheme, id: id))
    }
}

extension [ACL] {
    /// Everyone may do everything: `OPEN_ACL_UNSAFE` of the Java client.
    public static let openUnsafe = [ACL(perms: .all, identity: .anyone)]
    /// Everyone may read.
    public static let readUnsafe = [ACL(perms: .read, identity: .anyone)]
    /// The creator, by all identities of its connection, may do everything.
    public static let creatorAll = [ACL(perms: .all, identity: .authenticated)]
}
