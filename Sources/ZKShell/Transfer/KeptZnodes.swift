internal import ZKClient
internal import ZKCore

/// What stays below a root from which all else is deleted.
struct KeptZnodes {
    var znodes: Set<ZnodePath> = []
    /// What is below these stays too: nothing is known of what it should be.
    var subtrees: Set<ZnodePath> = []
    /// Ephemeral znodes of other sessions are members, locks and leaders that are alive: a copy never has them.
    var keepsEphemerals = true
    /// Says what stays besides, with what is below it.
    var keepsSubtree: @Sendable (ZnodePath) -> Bool = { _ in false }

    /// A znode that is to go. Its stat is known where ephemeral znodes are kept.
    typealias Other = (path: ZnodePath, stat: Stat?)

    /// Deletes the others, and counts them in `summary`.
    func deleteOthers(
        below root: ZnodePath, on client: ZooKeeperClient, isDryRun: Bool, summary: inout TransferSummary,
        report: WorkReport
    ) async throws {
        var failures = FailureTally()
        let (others, keptEphemerals) = try await others(below: root, on: client, failures: &failures, report: report)
        summary.keptEphemerals = keptEphemerals
        summary.deleted =
            isDryRun
            ? others.count
            : try await SubtreeDeletion(root: root).delete(others.map(\.path), on: client, report: report)
        try failures.finish(of: others.count + failures.count)
    }

    /// What is to go, parents before their children, and how many ephemeral znodes stay only because they are that.
    func others(
        below root: ZnodePath, on client: ZooKeeperClient, failures: inout FailureTally, report: WorkReport
    ) async throws -> ([Other], Int) {
        var walk = SubtreeWalk(root: root, payload: keepsEphemerals ? .stat : .names)
        walk.leaveOutSystemZnodes()
        let ownSession = client.session.id
        var others: [Other] = []
        /// Znodes above one that stays.
        var needed: Set<ZnodePath> = []
        var ephemeralCount = 0
        var keptSubtree: ZnodePath?
        try await walk.run(on: client) { znodes in
            for znode in znodes {
                let path = znode.path
                if let keptSubtree, path.isEqualOrBelow(keptSubtree) { continue }
                if subtrees.contains(path) || keepsSubtree(path) {
                    keptSubtree = path
                    Self.noteAncestors(of: path, in: &needed)
                    continue
                }
                if path == root || self.znodes.contains(path) { continue }
                if let failure = znode.failure {
                    // It may be anything.
                    failures.note(failure, to: report)
                } else if keepsEphemerals, let owner = znode.znode?.stat.ephemeralOwner, owner != 0, owner != ownSession
                {
                    ephemeralCount += 1
                } else {
                    others.append((path, znode.znode?.stat))
                    continue
                }
                Self.noteAncestors(of: path, in: &needed)
            }
        }
        return (needed.isEmpty ? others : others.filter { !needed.contains($0.path) }, ephemeralCount)
    }

    private static func noteAncestors(of path: ZnodePath, in needed: inout Set<ZnodePath>) {
        var ancestor = path.parent
        while let path = ancestor, needed.insert(path).inserted { ancestor = path.parent }
    }
}
