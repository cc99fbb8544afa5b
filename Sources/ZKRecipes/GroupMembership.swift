public import ZKClient
public import ZKCore

/// A group whose members are ephemeral znodes `PATH/<id>`, in the layout of Curator's `GroupMember`.
public struct GroupMembership: Sendable {
    /// Whose place a member may take.
    public enum Replacement: Sendable, Hashable {
        case nobody
        /// That of these sessions, which were its own.
        case sessions(Set<Int64>)
        /// That of any session: of an earlier one of this member, or of a live member with the same ID, which loses it.
        case anyMember
    }

    let client: ZooKeeperClient
    public let path: ZnodePath
    public let acl: [ACL]
    /// How long a call that gives up waits until its znode is gone; the rest is done in the background.
    public var cleanupTimeout = Duration.cleanup

    public init(_ client: ZooKeeperClient, path: ZnodePath, acl: [ACL] = .openUnsafe) {
        self.client = client
        self.path = path
        self.acl = acl
    }

    /// Joins as `id`, which must be a name of a znode.
    ///
    /// A znode that is no member's, since it is persistent or has children, is never replaced; one of this session, which
    /// may be there for something else, only when `replacement` allows it.
    ///
    /// - Returns: the znode, which lives until ``leave(_:)`` or the end of the session.
    /// - Throws: ``RecipeError/taken(path:occupant:)`` when another znode stands in the place.
    @discardableResult
    public func join(
        id: String, data: [UInt8] = [], replacing replacement: Replacement = .nobody
    ) async throws -> ZnodePath {
        let member = try ZnodePath(path.appending(id).string)
        var pause = RetryPause.ofRecipes
        var isDoubtful = false
        // Whether a znode of this session may be the doing of an earlier try.
        var mayBeOurs = false
        do {
            while true {
                try Task.checkCancellation()
                do {
                    isDoubtful = true
                    return try await client.create(member, data: data, mode: .ephemeral, acl: acl)
                } catch let error as ZooKeeperError where error.code == .noNode {
                    isDoubtful = false
                    try await client.createWithParents(path, acl: acl)
                } catch let error as ZooKeeperError where error.code == .nodeExists {
                    isDoubtful = false
                    if mayBeOurs, try await isOwn(member) { return member }
                    if try await occupy(member, data: data, replacing: replacement) { return member }
                    mayBeOurs = true
                } catch let error as ZooKeeperError where client.isPassing(error) {
                    // What was done by the last try is found by the next one.
                    mayBeOurs = true
                }
                try await pause.sleep()
            }
        } catch {
            if isDoubtful { await deleteOwn(member) }
            throw error
        }
    }

    /// Takes the place of a znode that stands there; false when it has changed meanwhile.
    private func occupy(_ member: ZnodePath, data: [UInt8], replacing replacement: Replacement) async throws -> Bool {
        guard let stat = try await newestStat(of: member) else { return false }
        do {
            guard stat.isMembers, replacement.allows(stat.ephemeralOwner) else {
                throw RecipeError.taken(path: member, occupant: stat.occupant)
            }
            // The znode of the earlier session goes and the own one comes in one step.
            _ = try await client.multi([
                .delete(member, version: stat.version), .create(member, data: data, mode: .ephemeral, acl: acl),
            ])
            return true
        } catch let error as ZooKeeperError
            where [.noNode, .badVersion, .nodeExists, .notEmpty].contains(error.code) || client.isPassing(error)
        {
            return false
        } catch is CancellationError {
            await deleteOwn(member)
            throw CancellationError()
        }
    }

    private func isOwn(_ member: ZnodePath) async throws -> Bool {
        try await newestStat(of: member)?.ephemeralOwner == client.session.id
    }

    private func newestStat(of member: ZnodePath) async throws -> Stat? {
        try await client.retrying {
            try await client.sync(member)
            return try await client.exists(member)
        }
    }

    /// Deletes the znode if it is this session's; another member's stays.
    private func deleteOwn(_ member: ZnodePath) async {
        let client = client
        _ = try? await inBackground(limit: cleanupTimeout, limitWhenCancelled: cleanupTimeout) {
            try await client.deleteOwn(member)
        }
    }

    /// Leaves. Goes through even in a cancelled task, which then waits for it no longer than ``cleanupTimeout``; fine when
    /// the znode is gone, or belongs to another session by now.
    public func leave(_ member: ZnodePath) async throws {
        let client = client
        _ = try await inBackground(limitWhenCancelled: cleanupTimeout) { try await client.deleteOwn(member) }
    }

    /// Returns when the znode is gone, belongs to another session, or the session has ended.
    public func untilLost(_ member: ZnodePath) async throws {
        try await client.untilGone(member, patience: nil)
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

extension GroupMembership.Replacement {
    fileprivate func allows(_ owner: Int64) -> Bool {
        switch self {
        case .nobody: false
        case .sessions(let sessions): sessions.contains(owner)
        case .anyMember: true
        }
    }
}

extension Stat {
    /// Whether it may be a member's: ephemeral, and so without children.
    fileprivate var isMembers: Bool { numChildren == 0 && EphemeralOwner(rawValue: ephemeralOwner).sessionID != nil }

    /// What stands there, for an error.
    fileprivate var occupant: String {
        let kind =
            switch EphemeralOwner(rawValue: ephemeralOwner) {
            case .session(let id):
                "a live member: an ephemeral znode of session 0x\(String(UInt64(bitPattern: id), radix: 16))"
            case .persistent: "a persistent znode, which is no member"
            case .container: "a container znode, which is no member"
            case .ttl: "a TTL znode, which is no member"
            }
        return numChildren > 0 ? "\(kind), with \(numChildren) children" : kind
    }
}

extension ZooKeeperClient {
    /// Deletes `path` if it is a znode of this session.
    fileprivate func deleteOwn(_ path: ZnodePath) async throws {
        let stat: Stat?
        do {
            stat = try await retrying {
                try await sync(path)
                return try await exists(path)
            }
        } catch is ZooKeeperError where isOver {
            return
        }
        if let stat, stat.ephemeralOwner == session.id { try await deleteSurely(path) }
    }
}
