internal import ZKClient
internal import ZKCore

/// Writes the znodes of an export to a server.
struct ImportTransfer {
    var reader: ExportReader
    var existing: SubtreeWriter.Existing
    /// Deletes what is below the root and not in the export.
    var deletesOthers = false
    var copiesACL = true
    var ephemerals = EphemeralChoice.skip
    var batchSize = 500
    var isDryRun = false

    /// What is to become of an export that was looked through.
    struct Plan: Sendable {
        var source: ZnodePath
        var target: ZnodePath
        fileprivate var outline: ExportReader.Outline
    }

    /// Looks the export through; nothing is written yet.
    ///
    /// - Parameter target: nil for the root that the export names.
    /// - Throws: ``ShellError`` 2 when there is no root; 11 when the file is broken.
    func prepare(target: ZnodePath?, report: WorkReport) async throws -> Plan {
        let outline = try await reader.outline()
        guard let source = outline.root ?? outline.first else {
            throw ShellError(.corruptFile, "\(reader.name) has neither a header nor a znode")
        }
        guard let target = target ?? outline.root else {
            throw ShellError.usage("\(reader.name) has no header that names its root: say where, as PATH")
        }
        if !outline.isWhole {
            guard !deletesOthers else {
                throw ShellError(
                    .corruptFile,
                    "\(reader.name) has no line that says it is whole: what is missing would be deleted; use --merge")
            }
            report.warn("\(reader.name) has no line that says it is whole: it may have been cut off")
        }
        if copiesACL && !outline.hasACLs && outline.count > 0 {
            report.warn("\(reader.name) holds no ACLs: what is created is open to everybody")
        }
        return Plan(source: source, target: target, outline: outline)
    }

    /// - Throws: ``ShellError`` 9 when some could not be written; 11 when the file is broken.
    func run(_ plan: Plan, to tree: LiveTree, report: WorkReport) async throws -> TransferSummary {
        var writer = SubtreeWriter(
            to: tree.client, existing: existing, batchSize: batchSize, isDryRun: isDryRun, report: tree.naming(report))
        do {
            return try await tree.naming { try await run(plan, to: tree, writer: &writer, report: report) }
        } catch {
            await writer.abandon()
            throw error
        }
    }

    private func run(
        _ plan: Plan, to tree: LiveTree, writer: inout SubtreeWriter, report: WorkReport
    ) async throws -> TransferSummary {
        var summary = TransferSummary()
        var kept = KeptZnodes()
        var failures = FailureTally()
        do {
            // Before the first change: a znode in the wrong place may be anywhere in the file.
            try await reader.read { batch in try check(batch, plan) }
            if !isDryRun { try await tree.client.createParents(of: plan.target) }
            var unreadRoot: ZnodePath?
            try await reader.read { batch in
                let records = place(
                    batch.records, plan, &summary, kept: &kept, unreadRoot: &unreadRoot, failures: &failures,
                    report: report)
                kept.subtrees.formUnion(batch.unread.map { $0.rebased(from: plan.source, to: plan.target) })
                try await writer.write(records)
                report.advance(records.count)
            }
            try await writer.finish()
        } catch let error as ZooKeeperError where writer.summary.total > 0 {
            throw ShellError(
                .partialFailure,
                "stopped after \(writer.summary.total) znodes: \(ShellError(error).message)", code: error.code)
        }
        try failures.finish(of: writer.summary.total + failures.count)
        summary.created = writer.summary.created
        summary.changed = writer.summary.changed
        summary.unchanged = writer.summary.unchanged
        if deletesOthers {
            kept.keepsEphemerals = ephemerals != .delete
            try await kept.deleteOthers(
                below: plan.target, on: tree.client, isDryRun: isDryRun, summary: &summary, report: tree.naming(report))
        }
        return summary
    }

    private func check(_ batch: ExportReader.Batch, _ plan: Plan) throws(ShellError) {
        for path in batch.records.map(\.path) + batch.unread where !path.isEqualOrBelow(plan.source) {
            throw ShellError(.corruptFile, "\(reader.name): \(path) is not below the root \(plan.source)")
        }
    }

    /// The records as they are to be at the target.
    private func place(
        _ records: [ZnodeRecord], _ plan: Plan, _ summary: inout TransferSummary, kept: inout KeptZnodes,
        unreadRoot: inout ZnodePath?, failures: inout FailureTally, report: WorkReport
    ) -> [ZnodeRecord] {
        var placed: [ZnodeRecord] = []
        for var record in records {
            if let unreadRoot, record.path.isEqualOrBelow(unreadRoot) { continue }
            record.childCount = plan.outline.childCounts[record.path] ?? 0
            let path = record.path.rebased(from: plan.source, to: plan.target)
            if record.isEphemeral && ephemerals != .persist {
                summary.skippedEphemerals += 1
                if deletesOthers { kept.znodes.insert(path) }
                continue
            }
            if copiesACL, let user = record.acl?.hiddenDigest {
                failures.note(ShellError.hiddenDigest(of: user, at: record.path), to: report)
                kept.subtrees.insert(path)
                unreadRoot = record.path
                continue
            }
            if !copiesACL {
                if let acl = record.acl, acl != .openUnsafe { summary.restrictiveACLs += 1 }
                record.acl = nil
            }
            record.path = path
            if deletesOthers { kept.znodes.insert(path) }
            // The root is always there, and belongs to the server.
            if path.isRoot && existing == .fail { continue }
            placed.append(record)
        }
        return placed
    }
}
