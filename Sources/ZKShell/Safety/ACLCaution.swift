internal import ShellLanguage
internal import ZKCore
internal import ZKText

/// What is wrong with an ACL that a server takes all the same.
enum ACLCaution {
    /// The lengths of SHA-1, SHA-224, SHA-256, SHA-384 and SHA-512, any of which a server may be set to use.
    private static let hashLengths: Set = [20, 28, 32, 48, 64]

    /// Why nobody can ever use some of `entries`; nil when all are of use.
    static func uselessDigest(in entries: [ACL]) -> String? {
        for entry in entries where entry.identity.scheme == "digest" {
            guard let id = String(validating: entry.identity.id.bytes, as: UTF8.self),
                let colon = id.lastIndex(of: ":"), colon != id.startIndex
            else { continue }
            let hash = id[id.index(after: colon)...]
            guard !hashLengths.contains(Base64.decode(Array(hash.utf8))?.count ?? 0) else { continue }
            let user = id[..<colon]
            return "digest:\(user) has no hash behind it, as `digest \(user)` prints it, and a password as it is lets "
                + "nobody in"
        }
        return nil
    }

    /// Whether nobody but the super user could change the ACL again.
    static func locksOutAdministrators(_ entries: [ACL]) -> Bool {
        !entries.contains { $0.perms.contains(.admin) }
    }
}

extension ShellContext {
    /// Asks about an ACL that would shut people out; without a terminal it says so.
    ///
    /// - Parameter replaces: the znode is there already, and somebody may change its ACL now.
    /// - Throws: ``ShellError`` 1 when the answer is no; 2 with `--no-input`.
    func checkACL(_ entries: [ACL], of path: ZnodePath, replaces: Bool = false) async throws {
        var reasons: [String] = []
        if let reason = ACLCaution.uselessDigest(in: entries) {
            reasons.append(reason)
            if !session.input.isTerminal { warn("\(path): \(reason)") }
        }
        if replaces, ACLCaution.locksOutAdministrators(entries) {
            reasons.append("nobody could change this ACL again, since no entry has the permission a")
        }
        guard !reasons.isEmpty, !options.isDryRun else { return }
        guard try await confirm("\(path): \(reasons.joined(separator: "; ")): go on?") else {
            throw ShellError(.failure, "\(path): nothing was changed: the answer was not yes", path: path)
        }
    }
}
