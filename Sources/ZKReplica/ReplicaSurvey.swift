public import ZKCore
public import ZKStore

/// What files there are, whether they are whole, and which moments they give.
public struct ReplicaSurvey: Sendable {
    public enum Check: Hashable, Sendable {
        case whole
        /// Its end is missing, as while a server writes it.
        case unfinished
        case damaged(StoreError)
    }

    public enum DigestCheck: Hashable, Sendable {
        case right
        case wrong
        /// The snapshot has none, or the logs do not reach the txn that it is of.
        case unchecked
    }

    public struct Snapshot: Sendable {
        public var name: StoreFileName
        public var bytes: Int64
        public var check: Check
        public var digest = DigestCheck.unchecked
        public var summary = SnapshotSummary()
        public var dataBytes = 0
        /// Of the txn at the end of the window; nil when no log has it.
        public var millis: Int64?
        /// Up to here what it holds may be newer than its name.
        public var windowEnd: Zxid { summary.trailers.windowEnd ?? name.zxid }
    }

    /// What the logs hold, all together.
    public struct Logs: Sendable {
        public var first: (zxid: Zxid, millis: Int64)?
        public var last: (zxid: Zxid, millis: Int64)?
        public var txns = 0
        public var files = 0
        public var holes: [TxnHole] = []
        public var tornTail: (file: StoreFileName, offset: Int64, bytes: Int64)?
    }

    public private(set) var snapshots: [Snapshot] = []
    public private(set) var logs = Logs()

    /// Looks at everything, which reads every file once, and for the digests some of the logs again.
    public init(_ files: ReplicaFiles) throws(StoreError) {
        for name in files.snapshots {
            snapshots.append(try Self.look(at: name, of: files))
        }
        var times: [Zxid: Int64] = [:]
        let ends = Set(snapshots.map(\.windowEnd))
        logs.files = files.logs.count
        var first: (zxid: Zxid, millis: Int64)?
        var last: (zxid: Zxid, millis: Int64)?
        var txns = 0
        let cursor = TxnCursor(files, after: nil, skipsDamage: true)
        _ = try cursor.next { header, _ in
            if first == nil { first = (header.zxid, header.timeMillis) }
            last = (header.zxid, header.timeMillis)
            txns += 1
            if ends.contains(header.zxid) { times[header.zxid] = header.timeMillis }
            return false
        }
        (logs.first, logs.last, logs.txns) = (first, last, txns)
        logs.holes = cursor.holes
        logs.tornTail = cursor.tornTail
        for index in snapshots.indices {
            snapshots[index].millis = times[snapshots[index].windowEnd]
        }
    }

    private static func look(at name: StoreFileName, of files: ReplicaFiles) throws(StoreError) -> Snapshot {
        let file = try files.open(name)
        var snapshot = Snapshot(name: name, bytes: try file.size(), check: .unfinished)
        let compression = SnapshotCompression(fileName: name.name)
        guard try SnapshotReader.looksWhole(file, compression: compression) else { return snapshot }
        do throws(StoreError) {
            var opening = ReplicaOpening(files, Replica.Options())
            let read = try opening.load(name)
            snapshot.check = .whole
            snapshot.summary = read.summary
            snapshot.dataBytes = read.replica.dataBytes
            if let digest = read.summary.trailers.digest, digest.digest.version == 2 {
                var sum: UInt64?
                if digest.zxid == name.zxid {
                    sum = read.replica.digest
                } else {
                    sum = try? opening.digest(of: name, at: digest.zxid)
                }
                if let sum { snapshot.digest = sum == UInt64(bitPattern: digest.digest.treeDigest) ? .right : .wrong }
            }
        } catch {
            guard error.kind == .damaged else { throw error }
            snapshot.check = .damaged(error)
        }
        return snapshot
    }

    /// The moments that can be restored: from the end of the first whole snapshot's window to the last txn behind it
    /// without a hole between; nil when there is none.
    public var restorable: (from: Zxid, fromMillis: Int64?, to: Zxid, toMillis: Int64?)? {
        let whole = snapshots.filter { $0.check == .whole }
        guard let last = whole.last else { return nil }
        // Behind the last hole, a snapshot is needed that was begun there.
        let start = logs.holes.last?.before
        guard let first = whole.first(where: { snapshot in start.map { snapshot.name.zxid.next >= $0 } ?? true })
        else { return nil }
        let end = logs.last.map { max($0.zxid, last.windowEnd) } ?? last.windowEnd
        return (first.windowEnd, first.millis, end, logs.last?.millis)
    }

    /// What is wrong, a line each.
    public var problems: [StoreError] {
        snapshots.compactMap { if case .damaged(let error) = $0.check { error } else { nil } }
    }
}
