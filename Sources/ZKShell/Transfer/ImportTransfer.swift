internal import ZKClient
internal import ZKCore

/// Writes the znodes of an export to a server.
struct ImportTransfer {
    var reader: ExportReader
    /// Nil: the root that the file names.
    var target: ZnodePath?
    var existing: SubtreeWriter.Existing
    /// Deletes what is below the root and not in the export.
    var deletesOthers = false
    var setsACL = false
    var ephemerals = EphemeralChoice.skip
    var batchSize = 500
    var isDryRun = false

    /// - Throws: ``ShellError`` 9 when some could not be written; 11 when the file is broken.
    func run(in shell: ShellContext) async throws -> TransferSummary {
        let client = try await shell.client()
        var writer = SubtreeWriter(
            to: client, existing: existing, batchSize: batchSize, isDryRun: isDryRun, in: shell)
        let progress = WorkProgress("importing", isSilent: true, in: shell)
        defer { progress.finish() }
        var summary = TransferSummary()
        var root: (source: ZnodePath, target: ZnodePath)?
        var kept: Set<ZnodePath> = []
        do {
            try await reader.read { records, header in
                let place: (source: ZnodePath, target: ZnodePath)
                if let root {
                    place = root
                } else {
                    let source = header ?? (target == nil ? .root : records[0].path)
                    place = (source, target ?? source)
                    if !isDryRun { try await client.createParents(of: place.target) }
                    root = place
                }
                let placed = try rebase(records, from: place.source, to: place.target, summary: &summary)
                if deletesOthers { kept.formUnion(placed.map(\.path)) }
                try await writer.write(placed)
                progress.advance(by: records.count)
            }
            try await writer.finish()
        } catch let error as ZooKeeperError where writer.summary.total > 0 {
            throw ShellError(
                .partialFailure,
                "stopped after \(writer.summary.total) znodes: \(ShellError(error).message)", code: error.code)
        } catch let error as ShellError where error.status == .corruptFile && writer.summary.total > 0 && !isDryRun {
            // What stands before the damage is in place.
            try? await writer.finish()
            throw ShellError(.corruptFile, error.message + "; \(writer.summary.total) znodes before it were written")
        }
        progress.finish()
        summary.created = writer.summary.created
        summary.changed = writer.summary.changed
        summary.unchanged = writer.summary.unchanged
        if deletesOthers, let root = root?.target {
            summary.deleted = try await SubtreeDeletion(root: root).deleteOthers(
                than: kept, on: client, isDryRun: isDryRun, in: shell)
        }
        return summary
    }

    private func rebase(
        _ records: [ZnodeRecord], from source: ZnodePath, to target: ZnodePath, summary: inout TransferSummary
    ) throws -> [ZnodeRecord] {
        var placed: [ZnodeRecord] = []
        for var record in records {
            guard record.path.isEqualOrBelow(source) else {
                throw ShellError(.corruptFile, "\(reader.name): \(record.path) is not below the root \(source)")
            }
            if record.isEphemeral && ephemerals == .skip {
                summary.skippedEphemerals += 1
                continue
            }
            record.path = record.path.rebased(from: source, to: target)
            if !setsACL { record.acl = nil }
            // The root is always there, and belongs to the server.
            if record.path.isRoot && existing == .fail { continue }
            placed.append(record)
        }
        return placed
    }
}

extension SubtreeDeletion {
    /// Deletes what is in the subtree and not in `kept`.
    ///
    /// - Returns: how many were, or would be, deleted.
    func deleteOthers(
        than kept: Set<ZnodePath>, on client: ZooKeeperClient, isDryRun: Bool, in shell: ShellContext
    ) async throws -> Int {
        let others = try await znodes(on: client, in: shell).filter { !kept.contains($0) && $0 != root }
        if isDryRun { return others.count }
        return try await delete(others, on: client, in: shell)
    }
}
