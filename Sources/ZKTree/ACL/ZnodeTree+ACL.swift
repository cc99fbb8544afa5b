package import ZKCore

extension ZnodeTree {
    /// Whether `requester` may do any of `perms` under the list at `slot`. Source: `ZooKeeperServer.checkACL`.
    @inline(__always)
    package func isAllowed(_ perms: Permissions, by requester: Requester, acl slot: UInt32) -> Bool {
        if acls.worldPerms(at: slot) & perms.rawValue != 0 { return true }
        return isAllowedSlowly(perms, by: requester, acl: slot)
    }

    private func isAllowedSlowly(_ perms: Permissions, by requester: Requester, acl slot: UInt32) -> Bool {
        if options.skipACL || requester.isSuper { return true }
        let list = acls.list(at: slot)
        if list.isEmpty { return true }
        for entry in list where !entry.perms.isDisjoint(with: perms) {
            guard let scheme = registeredScheme(entry.identity.scheme) else { continue }
            for identity in requester.identities
            where identity.scheme == entry.identity.scheme
                && (scheme.matches(identity.id, expression: entry.identity.id)
                    || scheme == .sasl && entry.identity.id == options.anySASLUser)
            {
                return true
            }
        }
        return false
    }

    func check(_ perms: Permissions, by requester: Requester, acl slot: UInt32) throws(Refusal) {
        guard isAllowed(perms, by: requester, acl: slot) else { throw Refusal(.noAuth) }
    }

    private func registeredScheme(_ name: UString) -> ACLScheme? {
        guard let scheme = ACLScheme(name) else { return nil }
        switch scheme {
        case .digest: return options.hasDigestScheme ? scheme : nil
        case .ip: return scheme
        case .x509, .sasl: return options.extraSchemes.contains(name.string) ? scheme : nil
        }
    }

    /// The slot of the list of a request after the fix-up, with one more use of it.
    ///
    /// - Parameter encoded: the bytes of the list in the request, which most often were seen before.
    mutating func internFixedUp(
        encoded: UnsafeRawBufferPointer, list: () -> [ACL], requester: Requester
    ) throws(Refusal) -> UInt32 {
        if let slot = acls.reuse(encoded: encoded) { return slot }
        let list = list()
        let fixed = try fixUp(list, requester: requester)
        return acls.intern(fixed, isFixedPoint: fixed == list)
    }

    /// Drops duplicates, replaces `auth`, refuses what no provider understands. Source: `PrepRequestProcessor.fixupACL`.
    private func fixUp(_ list: [ACL], requester: Requester) throws(Refusal) -> [ACL] {
        var unique: [ACL] = []
        for entry in list where !unique.contains(entry) { unique.append(entry) }
        guard !unique.isEmpty else { throw Refusal(.invalidACL) }
        var fixed: [ACL] = []
        for entry in unique {
            if entry.identity == .anyone {
                fixed.append(entry)
            } else if entry.identity.scheme == "auth" {
                let own = requester.identities.filter { registeredScheme($0.scheme)?.isAuthenticated ?? false }
                guard !own.isEmpty else { throw Refusal(.invalidACL) }
                fixed += own.map { ACL(perms: entry.perms, identity: $0) }
            } else {
                guard let scheme = registeredScheme(entry.identity.scheme), scheme.isValid(entry.identity.id) else {
                    throw Refusal(.invalidACL)
                }
                fixed.append(entry)
            }
        }
        return fixed
    }

    /// What `requester` may see of a list: without ADMIN, the hashes of digest IDs are hidden.
    package func visibleACL(at slot: UInt32, to requester: Requester) -> [ACL] {
        let list = acls.list(at: slot)
        if isAllowed(.admin, by: requester, acl: slot) { return list }
        return list.map { entry in
            guard entry.identity.scheme == "digest",
                let colon = entry.identity.id.bytes.firstIndex(of: UInt8(ascii: ":"))
            else { return entry }
            var masked = entry
            masked.identity.id = UString(bytes: entry.identity.id.bytes[...colon] + [UInt8(ascii: "x")])
            return masked
        }
    }
}
