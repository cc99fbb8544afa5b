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
    /// Nil when nothing is known of it.
    var counter: SequenceCounter?
    /// How many children come along, as far as is known.
    var childCount = 0

    var isEphemeral: Bool { stat.map { $0.ephemeralOwner != 0 } ?? false }
}

extension ZnodeRecord {
    init(path: ZnodePath, znode: ZnodeData?) {
        self.init(path: path, data: znode?.data, stat: znode?.stat)
        guard let stat else { return }
        counter = SequenceCounter(stat)
        childCount = Int(stat.numChildren)
    }
}

extension [ACL] {
    /// The user of a digest entry whose hash the server has hidden, since this session has no admin permission. Written
    /// as it is shown, it would lock its owner out. Source: `FinalRequestProcessor.handleGetACLRequest`.
    var hiddenDigest: String? {
        lazy.compactMap { entry -> String? in
            let id = entry.identity.id.string
            guard entry.identity.scheme == "digest", id.hasSuffix(":x") else { return nil }
            return String(id.dropLast(2))
        }.first
    }
}

extension ShellError {
    /// Why an ACL cannot go along.
    static func hiddenDigest(of user: String, at path: ZnodePath) -> Self {
        Self(
            .noAuth,
            "\(path): the server hides the hash of digest:\(user) from this session, which may not administer the node; "
                + "addauth its owner, or leave ACLs behind with --no-acl",
            code: .noAuth, path: path)
    }
}

extension ZnodePath {
    /// The path that this one, at or below `root`, has when the subtree is at `newRoot`.
    func rebased(from root: ZnodePath, to newRoot: ZnodePath) -> ZnodePath {
        if root == newRoot { return self }
        let rest = root.isRoot ? string[...] : Substring(string.utf8.dropFirst(root.string.utf8.count))
        if rest.isEmpty || rest == "/" { return newRoot }
        return ZnodePath(unchecked: newRoot.isRoot ? String(rest) : newRoot.string + rest)
    }

    /// Whether it belongs to the server.
    var isSystem: Bool { isEqualOrBelow(ZnodePath(unchecked: "/zookeeper")) }
}

/// What becomes of ephemeral znodes that are copied: a copy of another session's would not be owned by it.
enum EphemeralChoice: String, ShellValue, CaseIterable {
    case skip
    case persist
    /// As `skip`; and those of the target that the source has not are deleted like others.
    case delete
}
