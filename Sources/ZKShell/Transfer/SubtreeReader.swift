internal import ZKClient
internal import ZKCore

/// Reads a subtree as records.
struct SubtreeReader {
    var root: ZnodePath
    var isRecursive = true
    var readsACL = false
    var ephemerals = EphemeralChoice.skip

    /// What was read.
    struct Summary {
        var count = 0
        var skippedEphemerals = 0
    }

    /// Hands out the znodes, parents first. Znodes that cannot be read are noted in `failures`, and left out with what
    /// is below them.
    func read(
        from reader: any ZnodeReader, in shell: ShellContext, failures: inout FailureTally,
        _ body: ([ZnodeRecord]) async throws -> Void
    ) async throws -> Summary {
        var walk = SubtreeWalk(root: root, payload: .data, depthMax: isRecursive ? nil : 0)
        walk.leaveOutSystemZnodes()
        var summary = Summary()
        try await walk.run(on: reader) { znodes in
            var records: [ZnodeRecord] = []
            for znode in znodes {
                if let failure = znode.failure {
                    failures.note(failure, in: shell)
                    continue
                }
                let record = ZnodeRecord(path: znode.path, data: znode.znode?.data, stat: znode.znode?.stat)
                if record.isEphemeral && ephemerals == .skip {
                    summary.skippedEphemerals += 1
                } else {
                    records.append(record)
                }
            }
            if readsACL { records = try await withACLs(records, from: reader, in: shell, failures: &failures) }
            summary.count += records.count
            if !records.isEmpty { try await body(records) }
        }
        return summary
    }

    private func withACLs(
        _ records: [ZnodeRecord], from reader: any ZnodeReader, in shell: ShellContext, failures: inout FailureTally
    ) async throws -> [ZnodeRecord] {
        var result: [ZnodeRecord] = []
        var start = 0
        while start < records.count {
            let batch = records[start..<min(start + 512, records.count)]
            for (record, acl) in zip(batch, try await reader.acls(of: batch.map(\.path))) {
                switch acl {
                case .success(let (entries, _)):
                    var record = record
                    record.acl = entries
                    result.append(record)
                case .failure(let error) where error.code == .noNode: break
                case .failure(let error): failures.note(error, in: shell)
                }
            }
            start += batch.count
        }
        return result
    }
}
