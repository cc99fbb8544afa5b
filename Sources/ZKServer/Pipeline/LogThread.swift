import Logging
import NIOCore
import ZKCore
import ZKStore
import ZKTree

/// The one writer of the txn log: takes all that was prepared since its last turn, appends and syncs it once, and then
/// applies it. So nothing is acknowledged or seen that is not on the disk, and a slow disk makes larger batches.
final class LogThread: @unchecked Sendable {
    private let log: TxnLog
    private let wake = WorkSignal()
    private let onFailure: @Sendable (StoreError) -> Void
    private let onRollDue: @Sendable (Int64) -> Bool
    private var thread: SystemThread?

    // Under the core's exclusive lock.
    @exclusivity(unchecked) private var records = RecordQueue()
    @exclusivity(unchecked) private var requests: ContiguousArray<PendingRequest> = []
    @exclusivity(unchecked) private var isIdle = false
    private var isStopping = false
    @exclusivity(unchecked) private var hasFailed = false
    private var isRollDue = false
    private(set) var stats = LogStats()

    // Of the thread.
    private var rollPolicy: RollPolicy
    private var bytesAtSnapshot: Int64 = 0

    /// How many txns are applied under one hold of the lock: other loops get in between.
    private static let appliedAtOnce = 256
    /// Requests of a batch that the memory is kept for.
    private static let requestsKept = 16_384
    /// `fsync.warningthresholdms`
    private let slowSyncMillis: Int64
    /// `txnLogSizeLimitInKb`, in bytes; 0 for none.
    private let fileBytesMax: Int64

    /// - Parameters:
    ///   - onRollDue: called on this thread after the log was rolled, with the bytes of log since the last snapshot.
    ///     Returns whether it starts one.
    ///   - onFailure: called on this thread when the disk failed: nothing is acknowledged any more.
    init(
        log: TxnLog, rollPolicy: RollPolicy, configuration: ServerConfiguration,
        onRollDue: @escaping @Sendable (Int64) -> Bool,
        onFailure: @escaping @Sendable (StoreError) -> Void
    ) {
        self.log = log
        self.rollPolicy = rollPolicy
        slowSyncMillis = Int64(configuration.slowSyncMillis)
        fileBytesMax = Int64(configuration.logFileBytesMax)
        self.onRollDue = onRollDue
        self.onFailure = onFailure
    }

    /// - Throws: when the system has no thread to give.
    func start(_ core: ServerCore) throws(StoreError) {
        thread = SystemThread { self.run(core) }
        if thread == nil { throw .noThread }
    }

    /// Ends the thread once all that was handed over is applied, and closes the log.
    func stop(_ core: ServerCore) {
        core.lock.withExclusive { isStopping = true }
        wake.set()
        thread?.join()
        thread = nil
    }

    /// Under the exclusive lock. ``signal()`` must follow once it is released.
    func append(_ pending: PendingRequest, _ core: ServerCore) {
        guard !hasFailed else { return }
        if pending.txn.isLogged {
            let before = records.byteCount
            records.append(pending.txn, core.tree.pointee)
            core.unwrittenBytes += records.byteCount - before
        }
        requests.append(pending)
    }

    /// Whether the thread sleeps while there is work; then ``signal()`` is due. Under the exclusive lock.
    func needsSignal() -> Bool {
        guard isIdle, !requests.isEmpty else { return false }
        isIdle = false
        return true
    }

    func signal() {
        wake.set()
    }

    /// Rolls the log before the next batch is written. Under the exclusive lock.
    func requestRoll() {
        isRollDue = true
    }

    private func run(_ core: ServerCore) {
        var batch = ContiguousArray<PendingRequest>()
        var records = RecordQueue()
        while true {
            var isLast = false
            var syncMillis: Int64 = 0
            core.lock.withExclusive {
                swap(&batch, &requests)
                swap(&records, &self.records)
                isIdle = batch.isEmpty
                isLast = isStopping
            }
            if batch.isEmpty {
                if isLast { break }
                wake.wait()
                continue
            }
            do throws(StoreError) {
                if !records.isEmpty { syncMillis = try write(&records, core) }
            } catch {
                fail(error, core)
                return
            }
            if syncMillis > slowSyncMillis { warnOfSlowSync(syncMillis, core) }
            let isRollRequested = apply(batch, bytes: records.byteCount, syncMillis: syncMillis, core)
            rollPolicy.note(txns: records.count, bytes: records.byteCount)
            batch.removeAll(keepingCapacity: batch.count <= Self.requestsKept)
            records.removeAll()
            do throws(StoreError) {
                try rollIfDue(isRequested: isRollRequested)
            } catch {
                fail(error, core)
                return
            }
        }
        do throws(StoreError) {
            try log.close()
        } catch {
            fail(error, core)
        }
    }

    /// Appends and syncs; returns the milliseconds of the sync.
    private func write(_ records: inout RecordQueue, _ core: ServerCore) throws(StoreError) -> Int64 {
        try records.drain { (bytes, firstZxid) throws(StoreError) in try append(bytes, firstZxid: firstZxid) }
        let began = core.clock.nanos
        try log.sync()
        return Int64((core.clock.nanos - began) / 1_000_000)
    }

    /// Returns whether a roll was requested.
    private func apply(
        _ batch: ContiguousArray<PendingRequest>, bytes: Int, syncMillis: Int64, _ core: ServerCore
    ) -> Bool {
        var isRollRequested = false
        var index = 0
        while index < batch.count {
            let end = min(index + Self.appliedAtOnce, batch.count)
            core.lock.lockExclusive()
            let now = core.clock.nanos
            while index < end {
                core.apply(batch[index], nowNanos: now)
                index += 1
            }
            if index == batch.count {
                stats.syncMillis.add(syncMillis)
                stats.batchSizes.add(Int64(batch.count))
                core.unwrittenBytes -= bytes
                core.resumeWaitingForLog()
                isRollRequested = isRollDue
                isRollDue = false
            }
            let dirty = core.dirtyLoops()
            core.lock.unlock()
            for loop in dirty { loop.schedule(core) }
        }
        return isRollRequested
    }

    /// Hands the records over in pieces that the log keeps unsynced at most, so that a torn write is never larger than
    /// what a recovery takes for one.
    private func append(_ records: ByteBuffer, firstZxid: Zxid) throws(StoreError) {
        var rest = records
        while rest.readableBytes > RecordQueue.bufferBytes {
            var end = 0
            while let length = rest.getInteger(at: rest.readerIndex + end + 8, as: UInt32.self) {
                let next = end + TxnRecord.overheadBytes + Int(length)
                if end > 0, next > RecordQueue.bufferBytes { break }
                end = next
            }
            guard let piece = rest.readSlice(length: end) else { break }
            try log.append(piece, firstZxid: firstZxid)
        }
        try log.append(rest, firstZxid: firstZxid)
    }

    private func warnOfSlowSync(_ millis: Int64, _ core: ServerCore) {
        core.logger.warning(
            "syncing the log is slow", metadata: ["millis": "\(millis)", "file": "\(log.path ?? "")"])
    }

    private func rollIfDue(isRequested: Bool) throws(StoreError) {
        guard isRequested || rollPolicy.isDue else {
            // A file that is long enough is followed by another one, without a snapshot.
            if fileBytesMax > 0, log.fileBytes > fileBytesMax { try log.roll() }
            return
        }
        rollPolicy.reset()
        try log.roll()
        if !isRequested, onRollDue(log.bytesAppended - bytesAtSnapshot) { bytesAtSnapshot = log.bytesAppended }
    }

    private func fail(_ error: StoreError, _ core: ServerCore) {
        core.lock.withExclusive { hasFailed = true }
        onFailure(error)
    }
}

/// When the log is rolled and a snapshot is taken: at random after half of the limits, so that the servers of an
/// ensemble would not do so all at once. Source: `SyncRequestProcessor`.
struct RollPolicy {
    /// `snapCount`
    let snapCount: Int
    /// `snapSizeLimitInKb`, in bytes; 0 or less for none.
    let snapBytes: Int
    private var txns = 0
    private var bytes = 0
    private var randomTxns = 0
    private var randomBytes = 0

    init(snapCount: Int, snapBytes: Int) {
        self.snapCount = max(2, snapCount)
        self.snapBytes = snapBytes
        reset()
    }

    mutating func reset() {
        txns = 0
        bytes = 0
        randomTxns = Int.random(in: 0..<max(1, snapCount / 2))
        randomBytes = Int.random(in: 0...max(0, snapBytes / 2))
    }

    mutating func note(txns: Int, bytes: Int) {
        self.txns += txns
        self.bytes += bytes
    }

    var isDue: Bool {
        txns > snapCount / 2 + randomTxns || snapBytes > 0 && bytes > snapBytes / 2 + randomBytes
    }
}
