internal import ZKClient
internal import ZKCore

/// Copies a znode or a subtree from one client to another, which may be the same.
struct SubtreeCopy {
    var isRecursive = true
    var existing = SubtreeWriter.Existing.fail
    var copiesACL = true
    var ephemerals = EphemeralChoice.skip
    var batchSize = 500
    var requestsMax = 6
    var isDryRun = false
    /// Deletes what the target has and the source has not.
    var deletesOthers = false

    /// - Parameter copied: told of the records, with their paths in the source, when they are on their way.
    /// - Throws: ``ShellError`` 9 when some znodes could not be copied.
    func run(
        from source: LiveTree, to target: LiveTree, report: WorkReport,
        copied: ([ZnodeRecord]) -> Void = { _ in }
    ) async throws -> TransferSummary {
        try await check(from: source, to: target)
        var writer = SubtreeWriter(
            to: target.client, existing: existing, batchSize: batchSize, requestsMax: requestsMax, isDryRun: isDryRun,
            report: target.naming(report))
        do {
            return try await run(from: source, to: target, writer: &writer, report: report, copied: copied)
        } catch {
            await writer.abandon()
            throw error
        }
    }

    private func run(
        from source: LiveTree, to target: LiveTree, writer: inout SubtreeWriter, report: WorkReport,
        copied: ([ZnodeRecord]) -> Void
    ) async throws -> TransferSummary {
        var failures = FailureTally()
        var kept = KeptZnodes()
        let reader = SubtreeReader(
            root: source.root, isRecursive: isRecursive, acls: copiesACL ? .carried : .counted, ephemerals: ephemerals)
        let read = try await source.naming {
            try await reader.read(from: source.client, failures: &failures, report: source.naming(report)) { batch in
                func placed(_ path: ZnodePath) -> ZnodePath { path.rebased(from: source.root, to: target.root) }
                var records = batch.records
                for index in records.indices {
                    records[index].path = placed(records[index].path)
                    if !isRecursive { records[index].childCount = 0 }
                }
                if deletesOthers {
                    kept.znodes.formUnion(records.map(\.path))
                    kept.znodes.formUnion(batch.skipped.map(placed))
                    kept.subtrees.formUnion(batch.unread.map(placed))
                }
                try await target.naming { try await writer.write(records) }
                copied(batch.records)
                report.advance(records.count)
            }
        }
        try await target.naming { try await writer.finish() }
        try failures.finish(of: read.count + failures.count)
        var summary = TransferSummary(
            created: writer.summary.created, changed: writer.summary.changed, unchanged: writer.summary.unchanged)
        summary.skippedEphemerals = read.skippedEphemerals
        summary.restrictiveACLs = read.restrictiveACLs
        if deletesOthers {
            kept.keepsEphemerals = ephemerals != .delete
            try await target.naming {
                try await kept.deleteOthers(
                    below: target.root, on: target.client, isDryRun: isDryRun, summary: &summary,
                    report: target.naming(report))
            }
        }
        return summary
    }

    private func check(from source: LiveTree, to target: LiveTree) async throws {
        guard try await source.naming({ try await source.client.exists(source.root) }) != nil else {
            throw ShellError(.noNode, "\(source.name): node does not exist", code: .noNode, path: source.root)
        }
        if isRecursive { try await LiveTree.refuseOverlap(source, target) }
        try await target.naming {
            if existing == .fail, try await target.client.exists(target.root) != nil {
                throw ShellError(
                    .nodeExists, "\(target.name): node already exists; -f writes over it, -n keeps it",
                    code: .nodeExists, path: target.root)
            }
            if let parent = target.root.parent, try await target.client.exists(parent) == nil {
                throw ShellError(
                    .noNode, "\(target.name): parent node \(parent) does not exist; create it first", code: .noNode,
                    path: target.root)
            }
        }
    }
}
