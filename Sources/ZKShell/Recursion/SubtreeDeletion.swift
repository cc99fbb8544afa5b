internal import Synchronization
internal import ZKClient
internal import ZKCore

/// Deletes a subtree, or a part of it, children before their parents, in multis of which several are on their way.
struct SubtreeDeletion {
    var root: ZnodePath
    var keepsRoot = false
    /// Deletes in a multi; fewer when the paths are long.
    var batchSize = 1000
    /// Only znodes with such a name, and what is below them.
    var pattern: GlobPattern?
    /// Only znodes whose data was not changed for so long.
    var olderThan: Duration?

    init(root: ZnodePath, keepsRoot: Bool = false, batchSize: Int = 1000) {
        self.root = root
        self.keepsRoot = keepsRoot
        self.batchSize = batchSize
    }

    /// The znodes to delete, parents before their children. The server's own are left out.
    func znodes(on reader: any ZnodeReader, in shell: ShellContext) async throws -> [ZnodePath] {
        var walk = SubtreeWalk(root: root, payload: olderThan == nil ? .names : .stat)
        walk.leaveOutSystemZnodes()
        var paths: [ZnodePath] = []
        var selection = Selection(self)
        let progress = WorkProgress("listing \(root)", isSilent: true, in: shell)
        defer { progress.finish() }
        try await walk.run(on: reader) { znodes in
            for znode in znodes where selection.takes(znode) { paths.append(znode.path) }
            progress.advance(by: znodes.count)
        }
        return paths
    }

    private struct Selection {
        let keepsRoot: Bool
        let pattern: GlobPattern?
        let changedBeforeMillis: Int64?
        /// Levels of the znode at hand, or of one above it, whose name is selected.
        var selectedDepth: Int?

        init(_ deletion: SubtreeDeletion) {
            keepsRoot = deletion.keepsRoot || deletion.root.isRoot
            pattern = deletion.pattern
            changedBeforeMillis = deletion.olderThan.map { Timestamp.nowMillis() - $0.milliseconds }
        }

        mutating func takes(_ znode: WalkedZnode) -> Bool {
            if znode.depth == 0 && keepsRoot { return false }
            if let pattern {
                if let depth = selectedDepth, znode.depth <= depth { selectedDepth = nil }
                if selectedDepth == nil {
                    guard znode.depth > 0, pattern.matches(znode.path.name) else { return false }
                    selectedDepth = znode.depth
                }
            }
            guard let changedBeforeMillis else { return true }
            return znode.znode.map { $0.stat.mtimeMillis < changedBeforeMillis } ?? false
        }
    }

    /// Deletes `paths`, which ``znodes(on:in:)`` has listed. One that is gone already is as good as deleted.
    ///
    /// - Returns: how many were deleted.
    /// - Throws: ``ShellError`` 9 when some could not be deleted.
    @discardableResult
    func delete(_ paths: [ZnodePath], on client: ZooKeeperClient, in shell: ShellContext) async throws -> Int {
        let progress = WorkProgress("deleting \(root)", total: paths.count, isSilent: true, in: shell)
        defer { progress.finish() }
        let count = try await delete(paths, on: client, report: shell.workReport(progress))
        shell.session.connection.noteDeleted(paths)
        return count
    }

    /// Likewise, for work that knows no session.
    @discardableResult
    func delete(_ paths: [ZnodePath], on client: ZooKeeperClient, report: WorkReport) async throws -> Int {
        let failures = Mutex(Failures())
        var writer = BulkWriter(client: client, opsMax: batchSize) { op, error in
            failures.withLock { $0.note(error, for: op.path, to: report) }
        }
        do {
            for path in paths.reversed() {
                try await writer.add(.delete(path))
                report.advance(1)
            }
            try await writer.finish()
        } catch {
            let done = writer.doneCount
            guard done > 0 else { throw error }
            guard let cause = error as? ZooKeeperError else {
                report.warn("\(root): stopped after \(done) of \(paths.count) znodes were deleted")
                throw error
            }
            throw ShellError(
                .partialFailure,
                "\(root): stopped after \(done) of \(paths.count) znodes were deleted: \(ShellError(cause).message)",
                code: cause.code, path: root)
        }
        let (failed, gone) = failures.withLock { ($0.count, $0.goneCount) }
        guard failed == 0 else {
            throw ShellError(
                .partialFailure, "\(root): deleted \(writer.doneCount) znodes, \(failed) are left", path: root)
        }
        return writer.doneCount + gone
    }

    private struct Failures {
        private var tally = FailureTally()
        /// Ancestors of znodes that are left: that they are not empty needs no saying.
        private var blocked: Set<ZnodePath> = []
        private var blockedCount = 0
        /// Znodes that somebody else has deleted meanwhile.
        private(set) var goneCount = 0

        var count: Int { tally.count + blockedCount }

        mutating func note(_ error: ZooKeeperError, for path: ZnodePath, to report: WorkReport) {
            if error.code == .noNode {
                goneCount += 1
                return
            }
            if error.code == .notEmpty, blocked.contains(path) {
                blockedCount += 1
                return
            }
            tally.note(error, to: report)
            var ancestor = path.parent
            while let path = ancestor, blocked.insert(path).inserted { ancestor = path.parent }
        }
    }
}
