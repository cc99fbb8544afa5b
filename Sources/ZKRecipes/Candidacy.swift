internal import ZKClient
internal import ZKCore

/// An ephemeral sequential znode in a queue, from its creation until it is deleted: what locks, leases and elections
/// have in common.
struct Candidacy: Sendable {
    let client: ZooKeeperClient
    let parent: ZnodePath
    let path: ZnodePath
    /// The zxid of the create: grows from candidate to candidate, and so from holder to holder.
    let czxid: Zxid

    /// Enters the queue. When the reply to the create is lost the znode is found again by its unique name.
    static func enter(
        _ client: ZooKeeperClient, parent: ZnodePath, suffix: String, data: [UInt8], acl: [ACL]
    ) async throws -> Candidacy {
        let name = ProtectedName(suffix: suffix)
        let base = parent.appending(name.base)
        while true {
            do {
                let (path, stat) = try await client.createWithStat(
                    base, data: data, mode: .ephemeralSequential, acl: acl)
                return Candidacy(client: client, parent: parent, path: path, czxid: stat.czxid)
            } catch let error as ZooKeeperError where error.code == .noNode {
                try await client.createWithParents(parent, acl: acl)
            } catch let error as ZooKeeperError where error.isOutcomeUnknown {
                if let found = try await find(name, client: client, parent: parent) { return found }
            } catch is CancellationError {
                // The create may be on its way all the same, and nobody would ever leave the queue for it.
                await Task {
                    try? await find(name, client: client, parent: parent)?.leave()
                }.value
                throw CancellationError()
            }
        }
    }

    private static func find(
        _ name: ProtectedName, client: ZooKeeperClient, parent: ZnodePath
    ) async throws -> Candidacy? {
        // A sync first: the server of the new connection may not have seen the create yet.
        try await client.sync(parent)
        let children: [String]
        do {
            children = try await client.getChildren(parent)
        } catch let error as ZooKeeperError where error.code == .noNode {
            return nil
        }
        guard let child = children.first(where: { $0.hasPrefix(name.prefix) }) else { return nil }
        let path = parent.appending(child)
        guard let stat = try await client.exists(path) else { return nil }
        return Candidacy(client: client, parent: parent, path: path, czxid: stat.czxid)
    }

    /// Returns when no znode that `blocks` accepts stands before this one, true, or when `timeout` is over, false. With
    /// a timeout of zero it is true for one who need not wait.
    ///
    /// - Throws: ``RecipeError/lost(path:)`` when the own znode has vanished meanwhile.
    func waitForTurn(
        timeout: Duration?, blocks: @escaping @Sendable (Contender) -> Bool = { _ in true }
    ) async throws -> Bool {
        guard try await predecessor(blocks: blocks) != nil else { return true }
        return try await withDeadline(timeout) {
            try await untilFirst(blocks: blocks)
            return true
        } ?? false
    }

    /// Each candidate watches only the one before it, so that a release wakes one and not all.
    private func untilFirst(blocks: @Sendable (Contender) -> Bool) async throws {
        while true {
            guard let before = try await predecessor(blocks: blocks) else { return }
            let (stat, watch) = try await client.existsAndWatch(parent.appending(before.name))
            if stat != nil { _ = try await watch.event() }
        }
    }

    /// The nearest contender in front that `blocks` accepts.
    private func predecessor(blocks: @Sendable (Contender) -> Bool) async throws -> Contender? {
        let contenders = try await client.getChildren(parent).compactMap(Contender.init(name:)).sorted()
        guard let own = contenders.firstIndex(where: { $0.name == path.name }) else {
            throw RecipeError.lost(path: path)
        }
        return contenders[..<own].last(where: blocks)
    }

    /// Leaves the queue. Goes through even when the calling task is cancelled; a znode that is gone is fine.
    func leave() async throws {
        let client = client
        let path = path
        try await Task {
            try await client.deleteSurely(path)
        }.value
    }
}
