internal import Synchronization
internal import ZKClient
internal import ZKCore

/// Renames a znode or a subtree.
///
/// What fits one request moves at once or not at all. Larger subtrees are copied, and then what was copied is deleted
/// as it was copied: what changed meanwhile stays.
struct SubtreeMove {
    var isRecursive = true
    var copiesACL = true

    /// Ops that Apache ZooKeeper takes in one request well.
    private static let opsMax = 1000

    /// - Throws: ``ShellError`` 7 when somebody changed what was to move at once, 8 when an ACL cannot be read, 9 when
    ///   something stays at the old place.
    func run(from tree: LiveTree, to newRoot: ZnodePath, report: WorkReport) async throws -> TransferSummary {
        try await check(tree, newRoot)
        let plan = try await plan(from: tree, to: newRoot, report: report)
        var summary = TransferSummary(created: plan.count)
        summary.restrictiveACLs = plan.restrictiveACLs
        do {
            if let ops = plan.ops {
                _ = try await tree.client.multi(ops)
                return summary
            }
        } catch let error as ZooKeeperError where error.path.map({ $0.isEqualOrBelow(tree.root) }) ?? false {
            guard [.badVersion, .notEmpty, .noNode].contains(error.code) else { throw error }
            throw ShellError(
                .badVersion, "\(error.path ?? tree.root): somebody changed it meanwhile; nothing was moved, try again",
                code: error.code, path: error.path)
        } catch let error as ZooKeeperError where error.code == .noAuth && error.path?.parent != newRoot.parent {
            // An ACL forbids what comes below it. A copy sets it last.
        }
        return try await copyAndDelete(tree, newRoot, report: report)
    }

    private func check(_ tree: LiveTree, _ newRoot: ZnodePath) async throws {
        guard let stat = try await tree.client.exists(tree.root) else {
            throw ShellError(.noNode, "\(tree.root): node does not exist", code: .noNode, path: tree.root)
        }
        guard isRecursive || stat.numChildren == 0 else {
            throw ShellError(
                .notEmpty, "\(tree.root): node has children; -r moves them too", code: .notEmpty, path: tree.root)
        }
        try await LiveTree.refuseOverlap(tree, LiveTree(client: tree.client, root: newRoot))
        if try await tree.client.exists(newRoot) != nil {
            throw ShellError(
                .nodeExists, "\(newRoot): node already exists; mv never writes over one", code: .nodeExists,
                path: newRoot)
        }
    }

    private struct Plan {
        /// The changes that move everything; nil when they are too many for one request.
        var ops: [MultiOp]?
        var count = 0
        var restrictiveACLs = 0
    }

    private func plan(from tree: LiveTree, to newRoot: ZnodePath, report: WorkReport) async throws -> Plan {
        if isRecursive {
            do {
                guard try await tree.client.getAllChildrenNumber(tree.root) < Self.opsMax / 2 else { return Plan() }
            } catch let error as ZooKeeperError where error.code == .unimplemented {
                // An old server: see how many there are.
            }
        }
        var plan = Plan()
        var creates: [MultiOp] = []
        var deletes: [MultiOp] = []
        var isTooLarge = false
        var failures = FailureTally()
        let raise = SequenceRaise(opsMax: Self.opsMax)
        let reader = SubtreeReader(
            root: tree.root, isRecursive: isRecursive, acls: copiesACL ? .carried : .counted, ephemerals: .persist)
        let read = try await reader.read(from: tree.client, failures: &failures, report: report) { batch in
            for record in batch.records {
                guard !record.isEphemeral else {
                    throw ShellError(
                        .failure, "\(record.path): an ephemeral znode cannot be moved, its session owns it",
                        path: record.path)
                }
                guard !isTooLarge else { continue }
                let path = record.path.rebased(from: tree.root, to: newRoot)
                creates.append(.create(path, data: record.data, acl: record.acl ?? .openUnsafe))
                switch record.counter {
                case .count(let count) where count - record.childCount > Self.opsMax: isTooLarge = true
                case .count(let count): creates += raise.requests(at: path, count: count - record.childCount).joined()
                case .beyond: isTooLarge = true
                case nil: break
                }
                deletes.append(.delete(record.path, version: record.stat?.version ?? -1))
                if creates.count + deletes.count > Self.opsMax { isTooLarge = true }
            }
        }
        if failures.count > 0 {
            throw ShellError(
                .noAuth, "\(tree.root): \(failures.count) znodes cannot be read; nothing was moved", code: .noAuth,
                path: tree.root)
        }
        plan.restrictiveACLs = read.restrictiveACLs
        plan.count = read.count
        let ops = creates + deletes.reversed()
        let bytes = ops.reduce(0) { $0 + $1.requestBytes }
        if !isTooLarge, bytes <= BulkWriter.requestBytesMax { plan.ops = ops }
        return plan
    }

    // MARK: In two steps

    /// A znode as it was copied.
    private struct Original: Sendable {
        var path: ZnodePath
        var stat: Stat

        /// Whether the copy has what `other` tells of. Deleted children have not changed anything that was copied.
        func isLike(_ other: Stat) -> Bool {
            stat.czxid == other.czxid && stat.mzxid == other.mzxid && stat.version == other.version
                && stat.aversion == other.aversion && SequenceCounter(stat) == SequenceCounter(other)
        }
    }

    private func copyAndDelete(
        _ tree: LiveTree, _ newRoot: ZnodePath, report: WorkReport
    ) async throws -> TransferSummary {
        var originals: [Original] = []
        let summary: TransferSummary
        do {
            summary = try await SubtreeCopy(copiesACL: copiesACL).run(
                from: tree, to: LiveTree(client: tree.client, root: newRoot), report: report
            ) { records in
                for record in records {
                    if let stat = record.stat { originals.append(Original(path: record.path, stat: stat)) }
                }
            }
        } catch let error as ShellError where error.status == .partialFailure {
            var error = error
            error.message = "\(tree.root): \(error.message); nothing was deleted, the copy is at \(newRoot)"
            throw error
        }
        guard summary.skippedEphemerals == 0 else {
            throw ShellError(
                .partialFailure,
                "\(tree.root): \(summary.skippedEphemerals) ephemeral znodes cannot be moved; the others are copied to \(newRoot), nothing was deleted",
                path: tree.root)
        }
        try await delete(originals, of: tree, movedTo: newRoot, report: report)
        return summary
    }

    /// Deletes what is as it was copied.
    private func delete(
        _ originals: [Original], of tree: LiveTree, movedTo newRoot: ZnodePath, report: WorkReport
    ) async throws {
        let remains = Mutex(Remains())
        var writer = BulkWriter(client: tree.client) { op, error in
            remains.withLock { $0.note(error, for: op.path, to: report) }
        }
        // Looked at directly before they go: a version alone may come again, after a delete and a create.
        for batch in originals.reversed().chunks(of: 500) {
            var unchanged: [Original] = []
            try await tree.client.forEachStat(of: batch.map(\.path)) { index, stat in
                let original = batch[batch.startIndex + index]
                guard let stat else { return remains.withLock { $0.goneCount += 1 } }
                if original.isLike(stat) {
                    unchanged.append(original)
                } else {
                    remains.withLock { $0.noteChange(of: original.path, to: report) }
                }
            }
            for original in unchanged {
                try await writer.add(.delete(original.path, version: original.stat.version))
            }
        }
        try await writer.finish()
        let (count, goneCount) = remains.withLock { ($0.count, $0.goneCount) }
        if goneCount > 0 {
            report.warn(
                "\(goneCount) znodes were deleted below \(tree.root) by somebody else meanwhile, and are still below \(newRoot)"
            )
        }
        guard count + goneCount == 0 else {
            throw ShellError(
                .partialFailure,
                "\(tree.root): \(count) of \(originals.count) znodes stay there, since they, or what is below them, changed while they were moved; \(newRoot) has what was there before",
                path: tree.root)
        }
    }

    /// What stays at the old place.
    private struct Remains {
        private var tally = FailureTally()
        /// Above znodes that stay: they cannot go, and that needs no saying.
        private var blocked: Set<ZnodePath> = []
        private var blockedCount = 0
        var goneCount = 0

        var count: Int { tally.count + blockedCount }

        mutating func noteChange(of path: ZnodePath, to report: WorkReport) {
            note(
                ShellError(.badVersion, "\(path): changed while it was moved, so it stays", path: path), at: path,
                to: report)
        }

        mutating func note(_ error: ZooKeeperError, for path: ZnodePath, to report: WorkReport) {
            switch error.code {
            case .noNode: goneCount += 1
            case .badVersion: noteChange(of: path, to: report)
            case .notEmpty where blocked.contains(path): blockedCount += 1
            case .notEmpty:
                note(
                    ShellError(
                        .notEmpty, "\(path): somebody created children while it was moved, so it stays", path: path),
                    at: path, to: report)
            default: note(ShellError(error), at: path, to: report)
            }
        }

        private mutating func note(_ error: ShellError, at path: ZnodePath, to report: WorkReport) {
            if blocked.contains(path) {
                blockedCount += 1
            } else {
                tally.note(error, to: report)
            }
            var ancestor = path.parent
            while let path = ancestor, blocked.insert(path).inserted { ancestor = path.parent }
        }
    }
}
