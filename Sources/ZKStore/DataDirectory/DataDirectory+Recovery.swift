// Recovery, in Apache ZooKeeper's order (`FileTxnSnapLog.restore`):
//
// 1. The newest snapshot that is whole, by its zxid; an older one when it is damaged. None and no log: a fresh tree.
//    None but logs, whatever they hold: refused unless `snapshot.trust.empty`.
// 2. All logs with txns after the snapshot's zxid, and the newest log before them.
// 3. The txns after the snapshot's zxid, in order. Each must follow the one before: the next zxid, or one of a later
//    epoch. A zxid that was there is skipped: requests that cannot be decoded are logged with the zxid before theirs,
//    and a copy such as `log.5.bak` is read as a log.
//
// Where this is stricter: txns missing between the snapshot and the first log are noticed; so is a result older than
// the name of a snapshot that could not be used, since that name proves that later txns were there. Where it is
// kinder: the newest log may be empty, or have a header that power loss kept from the disk. What repairs a file keeps
// the bytes aside, is done after everything else has succeeded, and is the same when it is interrupted and done again.
// At last everything that was read is synced: the server that wrote it may have been killed before it did, and what
// this one shows to clients must not vanish with the power.

import ZKCore

extension DataDirectory {
    /// Brings `sink` to the state after the last txn that is on the disk, and repairs what a crash left behind.
    ///
    /// - Throws: `damaged` or `gap` when that state cannot be known. Nothing has been changed then.
    public func recover(into sink: inout some RecoverySink) throws(StoreError) -> RecoveryReport {
        var report = RecoveryReport()
        let logs = try files(.log)
        let snapshots = try files(.snapshot)
        let unusable = try loadSnapshot(from: snapshots, hasLogs: !logs.isEmpty, into: &sink, report: &report)
        report.lastZxid = report.snapshotZxid
        let repair = try replay(logs, into: &sink, report: &report)
        if let newest = unusable.first, newest.zxid > report.lastZxid, !options.acceptsGapAfterSnapshot {
            throw StoreError(
                kind: .gap, file: "\(snapshotDirectory)/\(newest.name)",
                problem: "the snapshot cannot be read, and the older files end at zxid \(report.lastZxid), before its",
                wayOut: "Restore the snapshot or the missing logs; or move it away to go on without its txns.")
        }
        report.isNew = logs.isEmpty && snapshots.isEmpty
        try apply(repair, report: &report)
        try makeDurable(repair, report)
        return report
    }

    // MARK: Snapshot

    /// Loads the newest snapshot that can be; returns the newer ones that could not.
    private func loadSnapshot(
        from snapshots: [StoreFileName], hasLogs: Bool, into sink: inout some RecoverySink,
        report: inout RecoveryReport
    ) throws(StoreError) -> [StoreFileName] {
        var unusable: [StoreFileName] = []
        var firstFailure: StoreError?
        // Apache looks at a hundred.
        for name in snapshots.reversed() where unusable.count < 100 {
            let path = "\(snapshotDirectory)/\(name.name)"
            let compression = SnapshotCompression(fileName: name.name)
            let file = try fileSystem.open(path, for: .reading)
            guard try SnapshotReader.looksWhole(file, compression: compression) else {
                report.notices.append("\(path): the snapshot is incomplete; it is not used.")
                unusable.append(name)
                continue
            }
            sink.reset()
            do throws(StoreError) {
                report.snapshotSummary = try SnapshotReader.read(file, compression: compression, into: &sink)
            } catch {
                // A disk that fails is not a damaged file: the older snapshot would only hide it.
                guard error.kind == .damaged else { throw error }
                report.notices.append("\(error) An older snapshot is tried.")
                firstFailure = firstFailure ?? error
                unusable.append(name)
                continue
            }
            sink.snapshotLoaded(zxid: name.zxid, trailers: report.snapshotSummary.trailers)
            report.snapshot = path
            report.snapshotZxid = name.zxid
            noteSnapshot()
            return unusable
        }
        sink.reset()
        if let firstFailure { throw firstFailure }
        try checkMayStartWithoutSnapshot(hasLogs: hasLogs, unusable: unusable, report: &report)
        return unusable
    }

    private func checkMayStartWithoutSnapshot(
        hasLogs: Bool, unusable: [StoreFileName], report: inout RecoveryReport
    ) throws(StoreError) {
        guard hasLogs else { return }
        guard options.trustsMissingSnapshot else {
            throw StoreError(
                kind: .gap, file: snapshotDirectory, problem: "there are txn logs, but no snapshot that is whole",
                wayOut: "Restore a snapshot; or, if the logs are known to begin with the very first txn, start once "
                    + "with --trust-missing-snapshot, or with snapshot.trust.empty=true in the configuration file.")
        }
        report.notices.append("\(snapshotDirectory): there is no snapshot; the logs are trusted to be complete.")
    }

    // MARK: Logs

    /// What a crash left in the newest logs, to be put in order when all else is well.
    private struct Repair {
        /// Logs without a record: removed, after what they hold was kept aside.
        var recordless: [(log: StoreFileName, notice: String, content: Range<Int64>)] = []
        var tornTail: (log: StoreFileName, content: Range<Int64>, reason: String)?
        /// The log that was written last, when nothing but room is behind its records, and where they end.
        var room: (path: String, recordsEnd: Int64)?
        /// The paths of the logs that txns came from.
        var replayed: [String] = []
    }

    private func replay(
        _ logs: [StoreFileName], into sink: inout some RecoverySink, report: inout RecoveryReport
    ) throws(StoreError) -> Repair {
        var repair = Repair()
        let first = report.snapshotZxid.next
        let needed = logs[(logs.lastIndex { $0.zxid < first } ?? 0)...]
        var replayed = 0
        var tail: (log: StoreFileName, end: TxnLogEnd, recordsEnd: Int64)?
        for (position, log) in needed.enumerated() {
            let isNewest = position == needed.count - 1
            let file = try fileSystem.open("\(logDirectory)/\(log.name)", for: .reading)
            if isNewest, try TxnLogReader.isUnwritten(file) {
                let bytes = try file.size()
                let notice = bytes == 0 ? "is empty" : "has no header, since the server stopped while it created it"
                repair.recordless.append((log, "the newest log \(notice); it is taken as empty", 0..<bytes))
                continue
            }
            var reader = try TxnLogReader(file: file)
            while let logged = try reader.next(from: first) {
                // What was there, by the rules at the head of this file.
                if logged.header.zxid <= report.lastZxid, replayed > 0 { continue }
                try checkFollows(logged.header.zxid, report: &report, isFirst: replayed == 0, reader, file)
                try checkTTL(logged.txn, at: reader.recordOffset, of: file)
                do throws(RecoveryRefusal) {
                    try sink.replay(logged.header, logged.txn, logged.digest)
                } catch {
                    throw .damaged(
                        file.path, at: reader.recordOffset,
                        "the txn \(logged.header.zxid) cannot be replayed: \(error.reason)",
                        wayOut: "Restore the file from a backup.")
                }
                report.lastZxid = logged.header.zxid
                replayed += 1
            }
            let hasRecords = reader.position > Int64(TxnLog.fileHeaderBytes)
            let end = isNewest ? try reader.end() : .clean
            if isNewest, !hasRecords {
                var content: Range<Int64> = 0..<0
                if case .torn(let offset, let bytes, _) = end { content = offset..<offset + bytes }
                repair.recordless.append((log, "the newest log has no record; it is removed", content))
            } else if hasRecords {
                tail = (log, end, reader.position)
                repair.replayed.append(file.path)
            }
        }
        report.txnsReplayed = replayed
        // With an empty log behind it, the log before may be the one that was being written.
        if let last = tail, !repair.recordless.isEmpty {
            tail = try end(of: last.log)
        }
        switch tail?.end {
        case .torn(let offset, let bytes, let reason)?:
            repair.tornTail = tail.map { ($0.log, offset..<offset + bytes, reason) }
        case .clean?:
            repair.room = tail.map { ("\(logDirectory)/\($0.log.name)", $0.recordsEnd) }
        case nil: break
        }
        return repair
    }

    private func end(
        of log: StoreFileName
    ) throws(StoreError) -> (log: StoreFileName, end: TxnLogEnd, recordsEnd: Int64) {
        var reader = try TxnLogReader(file: try fileSystem.open("\(logDirectory)/\(log.name)", for: .reading))
        while try reader.next(from: Zxid(rawValue: .max)) != nil {}
        return (log, try reader.end(), reader.position)
    }

    private func checkFollows(
        _ zxid: Zxid, report: inout RecoveryReport, isFirst: Bool, _ reader: borrowing TxnLogReader,
        _ file: any OpenFile
    ) throws(StoreError) {
        let last = report.lastZxid
        if zxid == last.next || zxid.epoch > last.epoch { return }
        let problem = "the txn after zxid \(last) is \(zxid): those between are missing"
        if isFirst, options.acceptsGapAfterSnapshot {
            report.notices.append("\(file.path): \(problem). They are left out, as configured.")
            return
        }
        throw StoreError(
            kind: .gap, file: file.path, offset: reader.recordOffset, problem: problem,
            wayOut: isFirst
                ? "Restore the logs in between. To start without them, at the risk of a tree that never was, start once "
                    + "with --accept-gap."
                : "Restore the logs in between, or a snapshot at or after \(last).")
    }

    /// Apache ZooKeeper 3.9.4 logs such a txn, dies of it, and cannot start again; what it means nobody knows.
    private func checkTTL(_ txn: Txn, at offset: Int64, of file: any OpenFile) throws(StoreError) {
        switch txn {
        case .createTTL(_, let ttlMillis) where !(1...0xff_ffff_ffff).contains(ttlMillis):
            throw .damaged(
                file.path, at: offset, "a createTTL has the impossible TTL \(ttlMillis)",
                wayOut: "An Apache ZooKeeper stopped right after it wrote that. The \(offset) bytes before it are "
                    + "intact; to go on without it, keep a copy and cut the file there: "
                    + "truncate -s \(offset) \(file.path)")
        case .multi(let parts):
            for part in parts { try checkTTL(part.txn, at: offset, of: file) }
        default: break
        }
    }

    // MARK: Repair

    private func apply(_ repair: Repair, report: inout RecoveryReport) throws(StoreError) {
        for (log, notice, content) in repair.recordless {
            let path = "\(logDirectory)/\(log.name)"
            let kept = try keepAside(content, of: log)
            report.notices.append("\(path): \(notice).\(kept.map { " Its bytes are kept in \($0)." } ?? "")")
            guard isWritable else { continue }
            try fileSystem.unlink(path)
            try fileSystem.syncDirectory(logDirectory)
        }
        guard let (log, content, reason) = repair.tornTail else { return }
        let path = "\(logDirectory)/\(log.name)"
        let kept = try keepAside(content, of: log)
        report.tornTail = RecoveryReport.TornTail(
            log: path, offset: content.lowerBound, bytes: Int64(content.count), keptAs: kept)
        report.notices.append(
            "\(path), byte \(content.lowerBound): \(reason), since the server stopped while it wrote it. It was never "
                + "acknowledged; the \(content.count) bytes from there on "
                + (kept.map { "are cut off and kept in \($0)." } ?? "are not used."))
        guard isWritable else { return }
        let file = try fileSystem.open(path, for: .readingAndWriting)
        try file.truncate(to: content.lowerBound)
        try file.sync()
        try file.close()
    }

    private func makeDurable(_ repair: Repair, _ report: RecoveryReport) throws(StoreError) {
        guard isWritable else { return }
        for path in repair.replayed + (report.snapshot.map { [$0] } ?? []) {
            let file = try fileSystem.open(path, for: .readingAndWriting)
            // The room of a server that was killed: otherwise each start after a kill takes as much again.
            if let room = repair.room, room.path == path, try file.size() > room.recordsEnd {
                try file.truncate(to: room.recordsEnd)
            }
            try file.sync()
            try file.close()
        }
        for directory in Set([snapshotDirectory, logDirectory]) {
            try fileSystem.syncDirectory(directory)
        }
    }

    /// Copies a part of a log to a file of its own, durably; returns its path, or nil when there is nothing to keep.
    private func keepAside(_ content: Range<Int64>, of log: StoreFileName) throws(StoreError) -> String? {
        guard isWritable, !content.isEmpty else { return nil }
        var window = try FileWindow(try fileSystem.open("\(logDirectory)/\(log.name)", for: .reading))
        guard try !window.isZero(from: content.lowerBound, to: content.upperBound) else { return nil }
        let path = "\(logDirectory)/torn-\(log.name).\(content.lowerBound)"
        // Left by a recovery that was interrupted; the log still has the bytes.
        if try fileSystem.status(of: path) != nil { try fileSystem.unlink(path) }
        let kept = try fileSystem.create(path)
        try window.forEachChunk(from: content.lowerBound, to: content.upperBound) {
            (bytes, offset) throws(StoreError) in
            try kept.write(bytes, at: offset - content.lowerBound)
        }
        try kept.sync()
        try kept.close()
        try fileSystem.syncDirectory(logDirectory)
        return path
    }
}
