internal import ZKClient
internal import ZKCore

/// What a plan makes its target like.
enum PlanSource: Sendable {
    /// Also files of a server, which a reader reads like one.
    case tree(any ZnodeReader, root: ZnodePath, name: String)
    case live(LiveTree)
    /// Nil stands for the root that the export names.
    case export(ExportReader, root: ZnodePath? = nil)

    /// How people read it.
    var name: String {
        switch self {
        case .tree(_, _, let name): name
        case .live(let tree): tree.fullName
        case .export(let reader, let root): "file:\(reader.name)" + (root.map { ":\($0)" } ?? "")
        }
    }

    /// What was read.
    struct Summary: Sendable {
        var skippedEphemerals = 0
        /// ACLs that stay behind.
        var restrictiveACLs = 0
        /// Whether the source says that it is not all there.
        var isWhole = true
    }

    /// Hands out the znodes with paths below `target`, parents first, without ephemeral ones.
    func read(
        as target: ZnodePath, carriesACLs: Bool, failures: inout FailureTally, report: WorkReport,
        _ body: (SubtreeReader.Batch) async throws -> Void
    ) async throws -> Summary {
        switch self {
        case .tree(let reader, let root, _):
            return try await read(
                reader, root, as: target, carriesACLs: carriesACLs, failures: &failures, report: report, body)
        case .live(let tree):
            return try await tree.naming {
                try await read(
                    tree.client, tree.root, as: target, carriesACLs: carriesACLs, failures: &failures,
                    report: tree.naming(report), body)
            }
        case .export(let reader, let root):
            return try await read(
                reader, below: root, as: target, carriesACLs: carriesACLs, failures: &failures, report: report, body)
        }
    }

    private func read(
        _ reader: any ZnodeReader, _ root: ZnodePath, as target: ZnodePath, carriesACLs: Bool,
        failures: inout FailureTally, report: WorkReport, _ body: (SubtreeReader.Batch) async throws -> Void
    ) async throws -> Summary {
        let read = try await SubtreeReader(root: root, acls: carriesACLs ? .carried : .counted)
            .read(from: reader, failures: &failures, report: report) { batch in
                try await body(batch.rebased(from: root, to: target))
            }
        return Summary(skippedEphemerals: read.skippedEphemerals, restrictiveACLs: read.restrictiveACLs)
    }

    private func read(
        _ reader: ExportReader, below part: ZnodePath?, as target: ZnodePath, carriesACLs: Bool,
        failures: inout FailureTally,
        report: WorkReport, _ body: (SubtreeReader.Batch) async throws -> Void
    ) async throws -> Summary {
        let outline = try await reader.outline()
        guard let whole = outline.root ?? outline.first else {
            throw ShellError(.corruptFile, "\(reader.name) has neither a header nor a znode")
        }
        guard outline.isWhole else {
            throw ShellError(.corruptFile, "\(reader.name) has no line that says it is whole: it may have been cut off")
        }
        if carriesACLs && !outline.hasACLs && outline.count > 0 {
            report.warn("\(reader.name) holds no ACLs: what is created is open to everybody")
        }
        let root = part ?? whole
        guard root.isEqualOrBelow(whole) else {
            throw ShellError(.noNode, "\(root) is not below \(whole), which \(reader.name) holds", path: root)
        }
        var summary = Summary()
        var unreadRoot: ZnodePath?
        var isThere = false
        try await reader.read { read in
            for path in read.records.map(\.path) + read.unread where !path.isEqualOrBelow(whole) {
                throw ShellError(.corruptFile, "\(reader.name): \(path) is not below the root \(whole)")
            }
            var batch = SubtreeReader.Batch(unread: read.unread.filter { $0.isEqualOrBelow(root) })
            for var record in read.records where record.path.isEqualOrBelow(root) {
                isThere = true
                if let unreadRoot, record.path.isEqualOrBelow(unreadRoot) { continue }
                if record.isEphemeral {
                    summary.skippedEphemerals += 1
                    batch.skipped.append(record.path)
                    continue
                }
                if let user = record.acl?.hiddenDigest, carriesACLs {
                    failures.note(ShellError.hiddenDigest(of: user, at: record.path), to: report)
                    unreadRoot = record.path
                    batch.unread.append(record.path)
                    continue
                }
                if !carriesACLs {
                    if let acl = record.acl, acl != .openUnsafe { summary.restrictiveACLs += 1 }
                    record.acl = nil
                }
                record.childCount = outline.childCounts[record.path] ?? 0
                batch.records.append(record)
            }
            try await body(batch.rebased(from: root, to: target))
        }
        guard isThere else { throw ShellError(.noNode, "\(root) is not in \(reader.name)", path: root) }
        return summary
    }
}

extension SubtreeReader.Batch {
    fileprivate func rebased(from root: ZnodePath, to target: ZnodePath) -> Self {
        var batch = self
        for index in batch.records.indices {
            batch.records[index].path = batch.records[index].path.rebased(from: root, to: target)
        }
        batch.skipped = skipped.map { $0.rebased(from: root, to: target) }
        batch.unread = unread.map { $0.rebased(from: root, to: target) }
        return batch
    }
}

extension LiveTree {
    /// The root with the ensemble, also that of the session.
    var fullName: String { forReading.fullName }
}
