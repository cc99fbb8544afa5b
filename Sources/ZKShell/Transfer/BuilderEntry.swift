internal import ZKClient
internal import ZKCore

/// The entry that an ACL has in addition while children are created below its znode: the ACL alone might forbid that
/// to the one who copies.
enum BuilderEntry {
    private static let perms: Permissions = [.create, .delete, .read, .admin]

    /// As narrow as the server lets it be: the identities of this session, else its address, else everybody.
    ///
    /// - Returns: nil for a super user, to whom no ACL forbids anything.
    static func make(on client: ZooKeeperClient) async throws -> ACL? {
        do {
            let identities = try await client.whoAmI()
            if identities.contains(where: { $0.scheme == "super" }) { return nil }
            if identities.contains(where: { !["ip", "world"].contains($0.scheme.string) }) {
                return ACL(perms: perms, identity: .authenticated)
            }
            if let address = identities.first(where: { $0.scheme == "ip" && isIPv4($0.id.string) }) {
                return ACL(perms: perms, identity: address)
            }
        } catch let error as ZooKeeperError where error.code == .unimplemented {
            // A server before 3.7 does not say.
        }
        let hasIdentity = !client.configuration.auth.isEmpty || client.configuration.sasl != nil
        return ACL(perms: perms, identity: hasIdentity ? .authenticated : .anyone)
    }

    private static func isIPv4(_ text: String) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
    }
}

extension ZooKeeperClient {
    /// Whether the server knows the session by more than its address.
    var hasIdentity: Bool {
        get async throws {
            do {
                return try await whoAmI().contains { !["ip", "world"].contains($0.scheme.string) }
            } catch let error as ZooKeeperError where error.code == .unimplemented {
                // A server before 3.7 does not say.
                return !configuration.auth.isEmpty || configuration.sasl != nil
            }
        }
    }
}

extension [ACL] {
    /// Whether everybody may create and delete children.
    var letsAnybodyBuild: Bool {
        contains { $0.identity == .anyone && $0.perms.isSuperset(of: [.create, .delete]) }
    }
}
