public import ZKClient
public import ZKCore

/// A group whose members are ephemeral znodes `PATH/<id>`, in the layout of Curator's `GroupMember`.
public struct GroupMembership: Sendable {
    let client: ZooKeeperClient
    public let path: ZnodePath
    public let acl: [ACL]

    public init(_ client: ZooKeeperClient, path: ZnodePath, acl: [ACL] = .openUnsafe) {
        self.client = client
        self.path = path
        self.acl = acl
    }

    /// Joins as `id`, which must be a name of a znode. When an earlier session of the same member has not expired yet its
    /// znode is taken over, so that a restarted member is back at once.
    ///
    /// - Returns: the znode, which lives until ``leave(_:)`` or the end of the session.
    @discardableResult
    public func join(id: String, data: [UInt8] = []) async throws -> ZnodePath {
        let member = try ZnodePath(path.appending(id).string)
        while true {
            do {
                return try await client.create(member, data: data, mode: .ephemeral, acl: acl)
            } catch let error as ZooKeeperError where error.code == .noNode {
                try await client.createWithParents(path, acl: acl)
            } catch let error as ZooKeeperError where error.code == .nodeExists {
                guard let stat = try await client.exists(member) else { continue }
                if stat.ephemeralOwner == client.session.id {
                    try await client.setData(member, data: data)
                    return member
                }
                try await replace(member, version: stat.version, data: data)
                return member
            } catch let error as ZooKeeperError where error.isOutcomeUnknown {
                continue
            }
        }
    }

    /// Deletes the znode of the earlier session and creates the own one in one step.
    private func replace(_ member: ZnodePath, version: Int32, data: [UInt8]) async throws {
        _ = try await client.multi([
            .delete(member, version: version), .create(member, data: data, mode: .ephemeral, acl: acl),
        ])
    }

    /// Leaves. Goes through even in a cancelled task; fine when the znode is gone.
    public func leave(_ member: ZnodePath) async throws {
        let client = client
        try await Task { try await client.deleteSurely(member) }.value
    }

    /// Returns when the znode is gone, belongs to another session, or the session has ended.
    public func untilLost(_ member: ZnodePath) async throws {
        try await client.untilGone(member)
    }

    /// The members' IDs, in order, with their data.
    public func members() async throws -> [(id: String, data: [UInt8]?)] {
        var result: [(id: String, data: [UInt8]?)] = []
        for id in try await ids().sorted() {
            do {
                result.append((id, try await client.getData(path.appending(id)).data))
            } catch let error as ZooKeeperError where error.code == .noNode {
                continue  // It left in between.
            }
        }
        return result
    }

    private func ids() async throws -> [String] {
        do {
            return try await client.getChildren(path)
        } catch let error as ZooKeeperError where error.code == .noNode {
            return []
        }
    }

    /// Calls `body` with the members' IDs, now and after each change, until it returns false.
    ///
    /// Changes that follow each other fast may be seen as one.
    public func observe(_ body: (Set<String>) async throws -> Bool) async throws {
        while true {
            do {
                let (children, _, watch) = try await client.getChildrenAndWatch(path)
                guard try await body(Set(children)) else { return }
                _ = try await watch.event()
            } catch let error as ZooKeeperError where error.code == .noNode {
                let (stat, watch) = try await client.existsAndWatch(path)
                if stat == nil {
                    guard try await body([]) else { return }
                    _ = try await watch.event()
                }
            }
        }
    }
}
