internal import ZKClient
internal import ZKCore

/// Copies a znode or a subtree from one client to another, which may be the same.
struct SubtreeCopy {
    var isRecursive = true
    var existing = SubtreeWriter.Existing.fail
    var copiesACL = false
    var ephemerals = EphemeralChoice.skip
    var batchSize = 500
    var requestsMax = 6
    var isDryRun = false
    /// Deletes what the target has and the source has not.
    var deletesOthers = false

    /// - Throws: ``ShellError`` 9 when some znodes could not be copied.
    func run(
        from source: ZooKeeperClient, _ root: ZnodePath, to target: ZooKeeperClient, _ newRoot: ZnodePath,
        in shell: ShellContext
    ) async throws -> TransferSummary {
        try await check(from: source, root, to: target, newRoot)
        var writer = SubtreeWriter(
            to: target, existing: existing, batchSize: batchSize, requestsMax: requestsMax, isDryRun: isDryRun,
            in: shell)
        var failures = FailureTally()
        var kept: Set<ZnodePath> = []
        let progress = WorkProgress("copying \(root)", isSilent: true, in: shell)
        defer { progress.finish() }
        let reader = SubtreeReader(root: root, isRecursive: isRecursive, readsACL: copiesACL, ephemerals: ephemerals)
        let read = try await reader.read(from: source, in: shell, failures: &failures) { records in
            var records = records
            for index in records.indices {
                records[index].path = records[index].path.rebased(from: root, to: newRoot)
            }
            if deletesOthers { kept.formUnion(records.map(\.path)) }
            try await writer.write(records)
            progress.advance(by: records.count)
        }
        try await writer.finish()
        progress.finish()
        try failures.finish(of: read.count + failures.count)
        var summary = TransferSummary(
            created: writer.summary.created, changed: writer.summary.changed, unchanged: writer.summary.unchanged)
        summary.skippedEphemerals = read.skippedEphemerals
        if deletesOthers {
            summary.deleted = try await SubtreeDeletion(root: newRoot).deleteOthers(
                than: kept, on: target, isDryRun: isDryRun, in: shell)
        }
        return summary
    }

    private func check(
        from source: ZooKeeperClient, _ root: ZnodePath, to target: ZooKeeperClient, _ newRoot: ZnodePath
    ) async throws {
        guard try await source.exists(root) != nil else {
            throw ShellError(.noNode, "\(root): node does not exist", code: .noNode, path: root)
        }
        if source === target, newRoot.isEqualOrBelow(root) {
            throw ShellError.usage("\(newRoot) is \(root) or lies in it: choose another place")
        }
        if existing == .fail, try await target.exists(newRoot) != nil {
            throw ShellError(
                .nodeExists, "\(newRoot): node already exists; -f writes over it, -n keeps it", code: .nodeExists,
                path: newRoot)
        }
        if let parent = newRoot.parent, try await target.exists(parent) == nil {
            throw ShellError(
                .noNode, "\(newRoot): parent node \(parent) does not exist; create it first", code: .noNode,
                path: newRoot)
        }
    }
}
