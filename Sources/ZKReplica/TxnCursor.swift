public import ZKCore
public import ZKStore

/// Walks the txns of all logs in the order of their zxids, from a zxid on.
///
/// Each txn must follow the one before it; one that was there is passed over. The newest log may end in a write that is
/// under way or was torn: that is the end. Used by one thread.
public final class TxnCursor {
    /// A log that is being read. A class, since a reader cannot be moved out of a property.
    private final class OpenLog {
        let name: StoreFileName
        var reader: TxnLogReader

        init(name: StoreFileName, reader: consuming TxnLogReader) {
            self.name = name
            self.reader = reader
        }
    }

    private let files: ReplicaFiles
    private let logs: [StoreFileName]
    private let skipsDamage: Bool
    /// Whether the first txn must follow ``lastZxid``.
    private let checksFirst: Bool
    private var nextLog = 0
    private var log: OpenLog?
    /// The damage that the hole ends which the next txn shows.
    private var damage: StoreError?
    private var hasPassed = false

    /// The last zxid that was come to, wanted or not; at first the one to start after.
    public private(set) var lastZxid: Zxid
    /// The time of that txn; nil when the logs do not have it.
    public private(set) var lastMillis: Int64?
    /// How many txns were come to.
    public private(set) var passedCount = 0
    /// The file and the byte of the txn that ``next(where:)`` returned last.
    public private(set) var place: (file: StoreFileName, offset: Int64)?
    /// What was skipped; only with `skipsDamage`.
    public private(set) var holes: [TxnHole] = []
    /// A write at the end of the newest log that is not whole.
    public private(set) var tornTail: (file: StoreFileName, offset: Int64, bytes: Int64)?

    /// - Parameters:
    ///   - zxid: the txn before the first one; nil to begin with whatever the logs begin with.
    ///   - skipsDamage: goes on behind missing and damaged txns, which are then in ``holes``.
    public init(_ files: ReplicaFiles, after zxid: Zxid?, skipsDamage: Bool = false) {
        self.files = files
        self.skipsDamage = skipsDamage
        logs = Array(zxid.map { files.logs(after: $0) } ?? files.logs[...])
        lastZxid = zxid ?? .zero
        checksFirst = zxid != nil
    }

    /// The next txn that is wanted; nil at the end of the logs.
    ///
    /// - Parameter isWanted: called with header and payload of each; one that it turns down is not decoded, and costs
    ///   little more than its checksum.
    /// - Throws: `damaged` or `gap`, which name file and byte.
    public func next(
        where isWanted: (TxnHeader, UnsafeRawBufferPointer) -> Bool = { _, _ in true }
    ) throws(StoreError) -> LoggedTxn? {
        while true {
            guard let log = try currentLog() else { return nil }
            do throws(StoreError) {
                if let txn = try next(in: log, where: isWanted) { return txn }
                try finish(log)
            } catch {
                if error.kind == .damaged, try rereads(log, after: error) { continue }
                guard skipsDamage, error.kind == .damaged else { throw error }
                damage = damage ?? error
            }
            self.log = nil
        }
    }

    private func next(
        in log: OpenLog, where isWanted: (TxnHeader, UnsafeRawBufferPointer) -> Bool
    ) throws(StoreError) -> LoggedTxn? {
        // The reader must not be in use while this object changes.
        var (last, millis, passed, isFirst) = (lastZxid, lastMillis, passedCount, !hasPassed)
        var gaps: [(after: Zxid, zxid: Zxid)] = []
        let (checksFirst, hasDamage, skips) = (checksFirst, damage != nil, skipsDamage)
        let txn: LoggedTxn?
        do {
            defer {
                (lastZxid, lastMillis, passedCount, hasPassed) = (last, millis, passed, !isFirst)
            }
            txn = try log.reader.next { payload in
                guard let header = TxnRecord.header(of: payload) else { return true }
                let zxid = header.zxid
                if zxid <= last, !isFirst || checksFirst {
                    if zxid == last { millis = header.timeMillis }
                    return false
                }
                let follows = zxid == last.next || zxid.epoch > last.epoch
                if !follows || hasDamage && gaps.isEmpty, !isFirst || checksFirst { gaps.append((last, zxid)) }
                // Without leave to skip, what is behind a gap is nobody's business.
                if !gaps.isEmpty, !skips { return true }
                isFirst = false
                last = zxid
                millis = header.timeMillis
                passed += 1
                return isWanted(header, payload)
            }
        }
        for gap in gaps { try note(gap, in: log) }
        if txn != nil { place = (log.name, log.reader.recordOffset) }
        return txn
    }

    private func note(_ gap: (after: Zxid, zxid: Zxid), in log: OpenLog) throws(StoreError) {
        let problem = "the txn after zxid \(gap.after) is \(gap.zxid): those between are missing"
        guard skipsDamage else {
            throw StoreError(
                kind: .gap, file: files.path(of: log.name), offset: log.reader.recordOffset, problem: problem,
                wayOut: "Restore the logs in between; or look at what there is with --skip-damage.")
        }
        let reason = damage.map { "\($0)" } ?? "\(files.path(of: log.name)): \(problem)."
        damage = nil
        if gap.zxid != gap.after.next { holes.append(TxnHole(after: gap.after, before: gap.zxid, reason: reason)) }
    }

    /// Opens the next log when there is none; nil when all were read.
    private func currentLog() throws(StoreError) -> OpenLog? {
        if let log { return log }
        while nextLog < logs.count {
            let name = logs[nextLog]
            let isNewest = nextLog == logs.count - 1
            nextLog += 1
            do throws(StoreError) {
                let file = try files.open(name)
                if isNewest, try TxnLogReader.isUnwritten(file) { continue }
                let opened = OpenLog(name: name, reader: try TxnLogReader(file: file))
                log = opened
                return opened
            } catch {
                guard skipsDamage, error.kind == .damaged else { throw error }
                damage = damage ?? error
            }
        }
        if let damage {
            holes.append(TxnHole(after: lastZxid, before: nil, reason: "\(damage)"))
            self.damage = nil
        }
        return nil
    }

    /// At the end of the newest log, notes what is torn. In the others the zxids tell what is missing.
    private func finish(_ log: OpenLog) throws(StoreError) {
        guard nextLog == logs.count else { return }
        if case .torn(let offset, let bytes, _) = try log.reader.end() {
            tornTail = (log.name, offset, bytes)
        }
    }

    /// A server may have finished, between two looks, the record that seemed damaged: then it is read again.
    private func rereads(_ log: OpenLog, after error: StoreError) throws(StoreError) -> Bool {
        guard nextLog == logs.count, let offset = error.offset, offset == log.reader.position else { return false }
        var reader = try TxnLogReader(file: try files.open(log.name), from: offset)
        do throws(StoreError) {
            guard try reader.next(where: { _ in true }) != nil else { return false }
        } catch {
            return false
        }
        self.log = OpenLog(
            name: log.name,
            reader: try TxnLogReader(file: try files.open(log.name), from: offset))
        return true
    }
}
