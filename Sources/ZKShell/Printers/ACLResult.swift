public import ZKCore
public import ZKText

/// The access control list of a znode.
public struct ACLResult: ShellResult {
    public var path: ZnodePath
    public var acl: [ACL]
    public var stat: Stat?
    /// On one line, in the form that `setAcl` takes.
    public var isCompact: Bool
    public var showsPath: Bool

    public init(path: ZnodePath, acl: [ACL], stat: Stat? = nil, isCompact: Bool = false, showsPath: Bool = false) {
        self.path = path
        self.acl = acl
        self.stat = stat
        self.isCompact = isCompact
        self.showsPath = showsPath
    }

    public var json: JSONValue {
        .members(["path": JSONValue(path), "acl": JSONValue(acl), "stat": stat.map(JSONValue.init)])
    }

    public func writePlain(to output: Output) throws(ShellError) {
        if isCompact {
            try output.writeLine((showsPath ? "\(path) " : "") + ACLResult.compact(acl))
        } else {
            for entry in acl {
                // Jute's text form of an ID has a line end after it, hence two lines.
                let scheme = ACLResult.quoted(entry.identity.scheme)
                try output.writeLine("\(scheme),\(ACLResult.quoted(entry.identity.id))")
                try output.writeLine(": \(entry.perms.letters)")
            }
        }
        if let stat { try output.write(StatResult.block(stat)) }
    }

    static func compact(_ acl: [ACL]) -> String {
        acl.map { "\($0.identity.scheme):\($0.identity.id):\($0.perms.letters)" }.joined(separator: ",")
    }

    /// Jute's text form of a string.
    private static func quoted(_ string: UString) -> String {
        var text = "'"
        for scalar in string.string.unicodeScalars {
            switch scalar {
            case "\0": text += "%00"
            case "\n": text += "%0A"
            case "\r": text += "%0D"
            case ",": text += "%2C"
            case "}": text += "%7D"
            case "%": text += "%25"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
