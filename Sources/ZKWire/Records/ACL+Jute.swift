public import NIOCore
public import ZKCore

extension JuteReader {
    /// The fewest bytes of an ACL entry: perms and two empty strings.
    private static let aclBytesMin = 12

    public mutating func readACL() throws(JuteError) -> ACL {
        let perms = Permissions(rawValue: try readInt32())
        // A null scheme is refused as an empty one is: with InvalidACL, not as a broken record.
        let scheme = try readOptionalString() ?? ""
        guard let id = try readOptionalString() else {
            // kazoo sends it so: of the scheme auth nobody reads the ID.
            guard scheme == "auth" else { throw .unexpectedNull }
            return ACL(perms: perms, identity: .authenticated)
        }
        return ACL(perms: perms, scheme: scheme, id: id)
    }

    public mutating func readACLs() throws(JuteError) -> [ACL] {
        try readVector(elementBytesMin: Self.aclBytesMin) { (reader) throws(JuteError) in try reader.readACL() }
    }

    public mutating func readOptionalACLs() throws(JuteError) -> [ACL]? {
        try readOptionalVector(elementBytesMin: Self.aclBytesMin) { (reader) throws(JuteError) in
            try reader.readACL()
        }
    }
}

extension ByteBuffer {
    public mutating func writeJute(_ acl: ACL) {
        writeJute(acl.perms.rawValue)
        writeJute(acl.identity.scheme)
        writeJute(acl.identity.id)
    }

    public mutating func writeJute(_ acls: [ACL]?) {
        writeJuteVector(acls) { $0.writeJute($1) }
    }
}
