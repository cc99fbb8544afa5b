internal import ZKClient
internal import ZKCore
internal import ZKStore
internal import ZKText

/// Writes a subtree as an export.
struct ExportTransfer {
    var format: ExportFormat
    var carriesACLs = true
    var showsStat = false

    /// - Parameter write: gets the bytes in their order.
    /// - Throws: ``ShellError`` 9 when some znodes could not be read. The file names them, so that an import does not take
    ///   them for deleted.
    func run(
        from reader: any ZnodeReader, _ root: ZnodePath, report: WorkReport, write: ([UInt8]) throws -> Void
    ) async throws -> SubtreeReader.Summary {
        let (summary, failures) = try await runToItsEnd(from: reader, root, report: report, write: write)
        try failures.finish(of: summary.count + failures.count)
        return summary
    }

    /// Likewise, and returns also what could not be read.
    func runToItsEnd(
        from reader: any ZnodeReader, _ root: ZnodePath, report: WorkReport, write: ([UInt8]) throws -> Void
    ) async throws -> (SubtreeReader.Summary, FailureTally) {
        try write(format.header(root: root))
        var failures = FailureTally()
        var script = ExportScript()
        var isFirst = true
        var uncarriedCounters = 0
        func writeJSON(_ value: JSONValue) throws {
            let line = value.serialized
            try write(format == .jsonl ? line + [.newline] : (isFirst ? [] : [UInt8(ascii: ","), .newline]) + line)
            isFirst = false
        }
        var source = SubtreeReader(root: root, acls: carriesACLs ? .carried : .counted)
        source.ephemerals = format == .script ? .skip : .persist
        let summary = try await source.read(from: reader, failures: &failures, report: report) { batch in
            for record in batch.records {
                if format == .script {
                    try write(script.commands(for: record))
                    if record.counter != .count(record.childCount) { uncarriedCounters += 1 }
                } else {
                    try writeJSON(record.json(showsStat: showsStat))
                }
            }
            if format != .script {
                for path in batch.unread { try writeJSON(ZnodeRecord.unreadJSON(path)) }
            }
            report.advance(batch.records.count)
        }
        try write(script.rest())
        try write(format.trailer(count: summary.count))
        if uncarriedCounters > 0 {
            report.warn(
                "a script does not carry the counts that number sequential children, which \(uncarriedCounters) znodes have; json and jsonl do"
            )
        }
        return (summary, failures)
    }
}

extension ExportTransfer {
    /// Writes to a file, in gzip form when its name ends so.
    func run(from reader: any ZnodeReader, _ root: ZnodePath, toFile name: String, in shell: ShellContext) async throws
    {
        let descriptor = try LocalFile.create(name, appends: false, mode: 0o600)
        defer { LocalFile.close(descriptor) }
        let output = Output(descriptor: descriptor, isTerminal: LocalFile.isTerminal(descriptor))
        let packer = ExportFormat.isPacked(name) ? GzipPacker() : nil
        func pack(_ bytes: [UInt8], isLast: Bool) throws {
            guard let packer else { return try output.write(bytes) }
            try bytes.withUnsafeBytes { raw in
                try packer.pack(raw, isLast: isLast) { (packed: UnsafeRawBufferPointer) throws(ShellError) in
                    try output.write(packed)
                }
            }
        }
        func end() throws {
            try pack([], isLast: true)
            try output.flush()
        }
        let progress = WorkProgress("exporting \(root)", in: shell)
        defer { progress.finish() }
        let summary: SubtreeReader.Summary
        do {
            summary = try await run(from: reader, root, report: shell.workReport(progress)) { bytes in
                try pack(bytes, isLast: false)
            }
        } catch let error as ShellError where error.status == .partialFailure {
            try end()
            throw error
        }
        try end()
        progress.finish()
        shell.note("exported \(summary.count) znodes")
        shell.noteDroppedACLs(summary)
    }
}

extension ShellContext {
    func noteDroppedACLs(_ summary: SubtreeReader.Summary) {
        if summary.restrictiveACLs > 0 { warn("\(summary.restrictiveACLs) ACLs were left behind") }
    }
}
