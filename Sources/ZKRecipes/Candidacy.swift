internal import ZKClient
internal import ZKCore

/// An ephemeral sequential znode in a queue, from its creation until it is deleted: what locks, leases and elections
/// have in common.
struct Candidacy: Sendable {
    let client: ZooKeeperClient
    let path: ZnodePath
    /// The zxid of the create: grows from candidate to candidate, and so from holder to holder.
    let czxid: Zxid
    /// How long a call that has failed or was cancelled waits until its znode is gone.
    var cleanupTimeout: Duration

    private var parent: ZnodePath { path.parent ?? .root }

    /// Enters the queue. When the reply to the create is lost the znode is found again by its unique name. When this
    /// fails, or is cancelled, no znode is left.
    static func enter(
        _ client: ZooKeeperClient, parent: ZnodePath, name: ProtectedName, data: [UInt8], acl: [ACL],
        cleanupTimeout: Duration
    ) async throws -> Candidacy {
        let entrance = Entrance(client: client, parent: parent, name: name, cleanupTimeout: cleanupTimeout)
        // Whether a create was sent of which it is not known what became of it.
        var isDoubtful = false
        var pause = RetryPause.ofRecipes
        var lacksParent = false
        do {
            while true {
                if isDoubtful {
                    if let found = try await client.retrying({ try await entrance.find() }) { return found }
                    isDoubtful = false
                }
                try Task.checkCancellation()
                isDoubtful = true
                do {
                    let (path, stat) = try await client.createWithStat(
                        parent.appending(name.base), data: data, mode: .ephemeralSequential, acl: acl)
                    return Candidacy(client: client, path: path, czxid: stat.czxid, cleanupTimeout: cleanupTimeout)
                } catch let error as ZooKeeperError where error.code == .noNode {
                    isDoubtful = false
                    if lacksParent { try await pause.sleep() }
                    lacksParent = true
                    try await client.createWithParents(parent, acl: acl)
                } catch let error as ZooKeeperError where client.isPassing(error) {
                    // Even a refusal may come of a create that was done: that is looked for before the next one.
                    try await pause.sleep()
                } catch let error as ZooKeeperError {
                    isDoubtful = error.isOutcomeUnknown || error.code == .marshallingError
                    throw error
                }
            }
        } catch {
            // Nobody else would ever leave the queue for it.
            if isDoubtful { await entrance.withdraw() }
            throw error
        }
    }

    /// Returns when no znode that `blocks` accepts stands before this one, true; false when one does and `waits` is not
    /// set.
    ///
    /// - Throws: ``RecipeError/lost(path:)`` when the own znode has vanished meanwhile,
    ///   ``RecipeError/notExclusive(path:layout:)`` when the turn has come beside one that does not count this znode.
    func waitForTurn(
        waits: Bool, layout: RecipeLayout, blocks: @Sendable (Contender) -> Bool = { _ in true }
    ) async throws -> Bool {
        while true {
            let names = try await client.retrying { try await client.getChildren(parent) }
            let (before, behind) = try await standing(among: names)
            guard let next = before.last(where: blocks) else {
                if let foreign = behind.first(where: { $0.layout.map { $0 != layout } ?? false && blocks($0) }) {
                    throw RecipeError.notExclusive(path: parent.appending(foreign.name), layout: layout)
                }
                return true
            }
            guard waits else { return false }
            // Each candidate watches only the one before it, so that a release wakes one and not all.
            let (stat, watch) = try await client.retrying {
                try await client.existsAndWatch(parent.appending(next.name))
            }
            if stat != nil { _ = try await watch.event() }
        }
    }

    /// Those in front of this one, the nearest last, and those behind it.
    private func standing(among names: [String]) async throws -> (before: [Contender], behind: [Contender]) {
        let contenders = Contender.queue(names)
        guard let own = contenders.first(where: { $0.name == path.name }) else {
            throw RecipeError.lost(path: path)
        }
        var before: [Contender] = []
        var behind: [Contender] = []
        for contender in contenders where contender != own {
            let lead = contender.lead(over: own)
            if lead != 0 {
                if lead > 0 { before.append(contender) } else { behind.append(contender) }
            } else if let stat = try await client.retrying({
                try await client.exists(parent.appending(contender.name))
            }) {
                if stat.czxid < czxid { before.append(contender) } else { behind.append(contender) }
            }
        }
        // All of them are in the order of the queue but those with the same number, any of which may be waited for.
        return (before.sorted { $0.lead(over: own) > $1.lead(over: own) }, behind)
    }

    /// Leaves the queue. Goes through even when the calling task is cancelled, which then waits for it no longer than
    /// ``cleanupTimeout``; a znode that is gone is fine.
    func leave() async throws {
        let (client, path) = (client, path)
        _ = try await inBackground(limitWhenCancelled: cleanupTimeout) { try await client.deleteSurely(path) }
    }

    /// Likewise, for one who has something else to report.
    func abandon() async {
        await client.deleteInBackground(path, limit: cleanupTimeout)
    }
}

/// Where a candidate goes in, and what it needs to find itself there.
private struct Entrance: Sendable {
    let client: ZooKeeperClient
    let parent: ZnodePath
    let name: ProtectedName
    let cleanupTimeout: Duration

    func find() async throws -> Candidacy? {
        // A sync first: the server of the new connection may not have seen the create yet.
        try await client.sync(parent)
        let children: [String]
        do {
            children = try await client.getChildren(parent)
        } catch let error as ZooKeeperError where error.code == .noNode {
            return nil
        }
        guard let child = children.first(where: { $0.hasPrefix(name.prefix) && ZnodePath.isName($0) }) else {
            return nil
        }
        let path = parent.appending(child)
        guard let stat = try await client.exists(path) else { return nil }
        return Candidacy(client: client, path: path, czxid: stat.czxid, cleanupTimeout: cleanupTimeout)
    }

    /// Deletes the znode of a create that may have been done.
    func withdraw() async {
        _ = try? await inBackground(limit: cleanupTimeout, limitWhenCancelled: cleanupTimeout) { [self] in
            guard let found = try await client.retrying({ try await find() }) else { return }
            try await client.deleteSurely(found.path)
        }
    }
}
