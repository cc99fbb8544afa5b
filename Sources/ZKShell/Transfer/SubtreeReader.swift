internal import ZKClient
internal import ZKCore

/// Reads a subtree as records.
struct SubtreeReader {
    enum ACLs {
        /// Nobody wants them.
        case ignored
        case carried
        /// They stay behind; those that are not open to everybody are counted.
        case counted
    }

    var root: ZnodePath
    var isRecursive = true
    var acls = ACLs.ignored
    var ephemerals = EphemeralChoice.skip

    /// Some znodes of a subtree.
    struct Batch {
        var records: [ZnodeRecord] = []
        /// Ephemeral znodes that do not come along.
        var skipped: [ZnodePath] = []
        /// Znodes that could not be read, which do not come along with what is below them.
        var unread: [ZnodePath] = []
    }

    /// What was read.
    struct Summary {
        var count = 0
        var skippedEphemerals = 0
        /// Ephemeral znodes that came along.
        var ephemerals = 0
        /// ACLs that stay behind.
        var restrictiveACLs = 0
    }

    /// Hands out the znodes, parents first. Znodes that cannot be read are noted in `failures`, and left out with what
    /// is below them.
    ///
    /// - Throws: also what is wrong with the root.
    func read(
        from reader: any ZnodeReader, failures: inout FailureTally, report: WorkReport,
        _ body: (Batch) async throws -> Void
    ) async throws -> Summary {
        var walk = SubtreeWalk(root: root, payload: .data, depthMax: isRecursive ? nil : 0)
        walk.leaveOutSystemZnodes()
        var summary = Summary()
        var unreadRoot: ZnodePath?
        try await walk.run(on: reader) { znodes in
            var batch = Batch()
            for znode in znodes {
                if let failure = znode.failure {
                    failures.note(failure, to: report)
                    batch.unread.append(znode.path)
                    continue
                }
                let record = ZnodeRecord(path: znode.path, znode: znode.znode)
                if record.isEphemeral && ephemerals != .persist {
                    batch.skipped.append(record.path)
                } else {
                    batch.records.append(record)
                }
            }
            if acls != .ignored {
                try await readACLs(
                    &batch, from: reader, &summary, unreadRoot: &unreadRoot, failures: &failures, report: report)
            }
            summary.skippedEphemerals += batch.skipped.count
            summary.count += batch.records.count
            summary.ephemerals += batch.records.count { $0.isEphemeral }
            try await body(batch)
        }
        return summary
    }

    private func readACLs(
        _ batch: inout Batch, from reader: any ZnodeReader, _ summary: inout Summary, unreadRoot: inout ZnodePath?,
        failures: inout FailureTally, report: WorkReport
    ) async throws {
        var result: [ZnodeRecord] = []
        var start = 0
        while start < batch.records.count {
            let part = batch.records[start..<min(start + 512, batch.records.count)]
            for (record, answer) in zip(part, try await reader.acls(of: part.map(\.path))) {
                if let unreadRoot, record.path.isEqualOrBelow(unreadRoot) { continue }
                var record = record
                switch answer {
                case .success(let (acl, _)) where acls == .counted:
                    if acl != .openUnsafe { summary.restrictiveACLs += 1 }
                case .failure where acls == .counted: summary.restrictiveACLs += 1
                case .success(let (acl, _)):
                    if let user = acl.hiddenDigest {
                        let error = ShellError.hiddenDigest(of: user, at: record.path)
                        if record.path == root { throw error }
                        failures.note(error, to: report)
                        batch.unread.append(record.path)
                        unreadRoot = record.path
                        continue
                    }
                    record.acl = acl
                case .failure(let error):
                    // One that is gone is gone with what was below it.
                    unreadRoot = record.path
                    guard error.code != .noNode else { continue }
                    if record.path == root { throw error }
                    failures.note(error, to: report)
                    batch.unread.append(record.path)
                    continue
                }
                result.append(record)
            }
            start += part.count
        }
        batch.records = result
    }
}
