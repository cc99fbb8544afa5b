internal import ShellLanguage
internal import ZKCore

/// A znode on its way from one place to another.
struct ZnodeRecord: Sendable, Hashable {
    var path: ZnodePath
    var data: [UInt8]?
    /// Nil when the ACL is not carried along.
    var acl: [ACL]?
    /// Nil when nothing is known of it.
    var stat: Stat?

    var isEphemeral: Bool { stat.map { $0.ephemeralOwner != 0 } ?? false }
}

extension ZnodePath {
    /// The path that this one, at or below `root`, has when the subtree is at `newRoot`.
    func rebased(from root: ZnodePath, to newRoot: ZnodePath) -> ZnodePath {
        if root == newRoot { return self }
        let rest = root.isRoot ? string[...] : Substring(string.utf8.dropFirst(root.string.utf8.count))
        if rest.isEmpty || rest == "/" { return newRoot }
        return ZnodePath(unchecked: newRoot.isRoot ? String(rest) : newRoot.string + rest)
    }
}

/// What becomes of ephemeral znodes that are copied: a copy of another session's would not be owned by it.
enum EphemeralChoice: String, ShellValue, CaseIterable {
    case skip
    case persist
}
