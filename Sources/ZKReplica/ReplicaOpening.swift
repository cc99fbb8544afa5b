import ZKCore
public import ZKStore
import ZKTree

extension Replica {
    /// What opening a replica may do.
    public struct Options: Sendable {
        /// Goes on behind txns that are missing or damaged, and names them; and without any snapshot.
        public var skipsDamage = false

        public init(skipsDamage: Bool = false) {
            self.skipsDamage = skipsDamage
        }
    }

    /// The tree as it was at `moment`.
    ///
    /// Files that vanish meanwhile, since a server purges them, are no error: then they are listed again.
    ///
    /// - Throws: `gap` when the files do not reach the moment, `damaged` when they cannot be read up to it; both name
    ///   file and byte, and what can be read.
    public static func open(
        _ files: ReplicaFiles, at moment: Moment = .now, options: Options = Options()
    ) throws(StoreError) -> Replica {
        var files = files
        for _ in 0..<2 {
            do throws(StoreError) {
                var opening = ReplicaOpening(files, options)
                return try opening.open(at: moment)
            } catch {
                guard error.isMissingFile else { throw error }
                files = try files.listedAgain()
            }
        }
        var opening = ReplicaOpening(files, options)
        return try opening.open(at: moment)
    }
}

/// Which snapshot a moment may start from, and the way from there.
///
/// The name of a snapshot is the last txn when it was begun; what came until it was done is partly in it. It tells the
/// end of that window, or the next snapshot does, which was not begun before. A moment within the window needs an older
/// snapshot, since what is partly there cannot be taken back.
struct ReplicaOpening {
    private let files: ReplicaFiles
    private let options: Replica.Options
    private var notices: [String] = []

    init(_ files: ReplicaFiles, _ options: Replica.Options) {
        self.files = files
        self.options = options
    }

    /// A snapshot that is no way to the moment, and why.
    private enum Attempt {
        case done(Replica)
        case unusable(StoreError?)
        case hasMomentInItsWindow(isKnown: Bool)
    }

    mutating func open(at moment: Moment) throws(StoreError) -> Replica {
        let target: Zxid? =
            switch moment {
            case .now: nil
            case .zxid(let zxid): zxid
            case .time(let millis): try MomentSearch(files).lastZxid(notAfter: millis)
            }
        let candidates = files.snapshots.filter { target == nil || $0.zxid <= target! }
        var firstFailure: StoreError?
        var newestUnusable: (name: StoreFileName, error: StoreError)?
        var fallback: StoreFileName?
        for (position, name) in candidates.enumerated().reversed() {
            let next = position + 1 < candidates.count ? candidates[position + 1] : nil
            do throws(StoreError) {
                switch try attempt(name, before: next, target: target, unusable: newestUnusable) {
                case .done(let replica): return replica
                case .unusable(let error):
                    firstFailure = firstFailure ?? error
                    if newestUnusable == nil, let error { newestUnusable = (name, error) }
                case .hasMomentInItsWindow(let isKnown):
                    if !isKnown, fallback == nil { fallback = name }
                }
            } catch {
                guard fallback != nil, error.kind == .gap || error.kind == .damaged else { throw error }
                break
            }
        }
        if let fallback, let target {
            notices.append(
                "\(files.path(of: fallback)) does not tell when it was done: it may hold changes after \(target).")
            if case .done(let replica) = try attempt(fallback, before: nil, target: target, trustsWindow: true) {
                return replica
            }
        }
        return try openWithoutSnapshot(target: target, firstFailure: firstFailure)
    }

    private mutating func attempt(
        _ name: StoreFileName, before next: StoreFileName?, target: Zxid?,
        unusable: (name: StoreFileName, error: StoreError)? = nil, trustsWindow: Bool = false
    ) throws(StoreError) -> Attempt {
        let path = files.path(of: name)
        let file = try files.open(name)
        let compression = SnapshotCompression(fileName: name.name)
        guard try SnapshotReader.looksWhole(file, compression: compression) else {
            if files.isSingleFile { return .unusable(Self.incomplete(path)) }
            notices.append(
                name == files.snapshots.last
                    ? "\(path) is not whole, as while a server writes it; an older snapshot is used."
                    : "\(path) is not whole; an older snapshot is used.")
            return .unusable(nil)
        }
        let sink = TreeSink(bare: true)
        var origin = ReplicaOrigin(zxid: name.zxid)
        do throws(StoreError) {
            origin.snapshotSummary = try fill(sink, from: file, compression)
        } catch {
            guard error.kind == .damaged else { throw error }
            if !files.isSingleFile { notices.append("\(error)") }
            return .unusable(error)
        }
        sink.finishSnapshot(zxid: name.zxid)
        if let target, !trustsWindow {
            let isFirst = name.zxid == .zero && sink.isOfFirstStart
            let end = origin.windowEnd ?? (isFirst ? .zero : next?.zxid)
            if end.map({ target < $0 }) ?? true { return .hasMomentInItsWindow(isKnown: origin.windowEnd != nil) }
        }
        origin.snapshot = path
        origin.snapshotZxid = name.zxid
        return .done(try replay(into: sink, origin: origin, target: target, unusable: unusable))
    }

    private func fill(
        _ sink: TreeSink, from file: any OpenFile, _ compression: SnapshotCompression
    ) throws(StoreError) -> SnapshotSummary {
        var sink = sink
        return try SnapshotReader.read(
            file, compression: compression, into: &sink)
    }

    /// What a snapshot holds as it is, whatever came while it was written.
    func load(_ name: StoreFileName) throws(StoreError) -> (summary: SnapshotSummary, replica: Replica) {
        let sink = TreeSink(bare: true)
        let summary = try fill(sink, from: try files.open(name), SnapshotCompression(fileName: name.name))
        sink.finishSnapshot(zxid: name.zxid)
        return (summary, Replica(tree: sink.takeTree(lastZxid: name.zxid), origin: ReplicaOrigin(zxid: name.zxid)))
    }

    /// The digest of the tree after `zxid`, begun from a snapshot in whose window that txn is.
    mutating func digest(of name: StoreFileName, at zxid: Zxid) throws(StoreError) -> UInt64? {
        guard case .done(let replica) = try attempt(name, before: nil, target: zxid, trustsWindow: true) else {
            return nil
        }
        return replica.digest
    }

    private mutating func openWithoutSnapshot(
        target: Zxid?, firstFailure: StoreError?
    ) throws(StoreError) -> Replica {
        if let firstFailure { throw firstFailure }
        if let target, let earliest = files.snapshots.first, earliest.zxid >= target {
            throw StoreError(
                kind: .gap, file: files.path(of: earliest),
                problem: "the files begin with this snapshot, after the state at \(target)",
                wayOut: "The earliest state that they give is after \(try earliestZxid(from: earliest)).")
        }
        guard !files.logs.isEmpty else {
            if files.snapshots.isEmpty, target == nil {
                // A data directory before its first start.
                return Replica(
                    tree: TreeSink(bare: false).takeTree(lastZxid: .zero), origin: ReplicaOrigin(zxid: .zero))
            }
            throw StoreError(
                kind: .gap, file: files.directory, problem: "there is no snapshot that is whole",
                wayOut: "Restore one.")
        }
        guard options.skipsDamage else {
            throw StoreError(
                kind: .gap, file: files.directory, problem: "there are txn logs, but no snapshot that is whole",
                wayOut: "Restore a snapshot; if the logs are known to begin with the very first txn, look with "
                    + "--skip-damage.")
        }
        notices.append("\(files.directory): there is no snapshot; the logs are taken to begin with the first txn.")
        return try replay(into: TreeSink(bare: false), origin: ReplicaOrigin(zxid: .zero), target: target)
    }

    private static func incomplete(_ path: String) -> StoreError {
        StoreError(
            kind: .damaged, file: path, problem: "the snapshot is not whole: its end is missing",
            wayOut: "If a server is writing it, wait; else take an older one.")
    }

    /// The end of the window of the first snapshot, or its name.
    private func earliestZxid(from name: StoreFileName) throws(StoreError) -> Zxid {
        var sink = NoSink()
        let summary = try SnapshotReader.read(
            try files.open(name), compression: SnapshotCompression(fileName: name.name), into: &sink)
        return summary.trailers.windowEnd ?? name.zxid
    }

    // MARK: Logs

    private mutating func replay(
        into sink: TreeSink, origin: ReplicaOrigin, target: Zxid?,
        unusable: (name: StoreFileName, error: StoreError)? = nil
    ) throws(StoreError) -> Replica {
        var origin = origin
        let cursor = TxnCursor(files, after: origin.snapshotZxid, skipsDamage: options.skipsDamage)
        var isBeyond = false
        do throws(StoreError) {
            while let txn = try cursor.next() {
                if let target, txn.header.zxid > target {
                    isBeyond = true
                    break
                }
                try Self.checkTTL(txn, at: cursor.place, in: files)
                sink.replay(txn)
                origin.txnsReplayed += 1
                origin.zxid = txn.header.zxid
                origin.millis = txn.header.timeMillis
                if txn.header.type != .error { origin.loggedDigest = txn.digest }
            }
        } catch {
            guard error.kind == .damaged || error.kind == .gap else { throw error }
            // What is behind the moment does not matter.
            guard let target, target == origin.zxid else { throw Self.saying(origin.zxid, in: error) }
            isBeyond = true
        }
        if origin.txnsReplayed == 0, cursor.lastZxid == origin.zxid || isBeyond {
            origin.millis = cursor.lastZxid == origin.zxid ? cursor.lastMillis : nil
        }
        origin.holes = cursor.holes
        if let hole = cursor.holes.first(where: { hole in target.map { hole.hides($0) } ?? false }) {
            throw StoreError(
                kind: .gap, file: files.directory,
                problem: "the state at \(target!) is not known: txns after \(hole.after) are missing: \(hole.reason)",
                wayOut: "Name \(hole.after)\(hole.before.map { " or a txn from \($0) on" } ?? "").")
        }
        if let target, !isBeyond, target > origin.zxid {
            throw StoreError(
                kind: .gap, file: files.path, problem: "the files end at \(origin.zxid), before \(target)",
                wayOut: "Name a txn up to \(origin.zxid), or now.")
        }
        if let unusable, target == nil, unusable.name.zxid > origin.zxid, !options.skipsDamage {
            throw StoreError(
                kind: .gap, file: files.path(of: unusable.name), offset: unusable.error.offset,
                problem: "the snapshot cannot be read, and the older files end at \(origin.zxid), before it",
                wayOut: "Restore it; or look at what there is with --skip-damage.")
        }
        note(cursor, origin: origin, target: target)
        origin.notices = notices
        return Replica(tree: sink.takeTree(lastZxid: origin.zxid), origin: origin)
    }

    private mutating func note(_ cursor: TxnCursor, origin: ReplicaOrigin, target: Zxid?) {
        for hole in cursor.holes {
            let last = hole.before.map { " up to the one before \($0)" } ?? ""
            notices.append("the txns after \(hole.after)\(last) are missing: \(hole.reason)")
        }
        if let tail = cursor.tornTail, target == nil {
            notices.append(
                "\(files.path(of: tail.file)), byte \(tail.offset): \(tail.bytes) bytes of a write that is not whole "
                    + "are left out.")
        }
        if let end = origin.windowEnd, end > origin.zxid, let snapshot = origin.snapshot {
            notices.append(
                "\(snapshot) was written while txns up to \(end) came, which are partly in it; the logs end at "
                    + "\(origin.zxid).")
        }
    }

    /// Apache ZooKeeper 3.9.4 logs such a txn and dies of it; what it means nobody knows.
    private static func checkTTL(
        _ txn: LoggedTxn, at place: (file: StoreFileName, offset: Int64)?, in files: ReplicaFiles
    ) throws(StoreError) {
        for part in txn.parts {
            guard case .createTTL(_, let millis) = part.txn, !(1...EphemeralOwner.ttlMillisMax).contains(millis),
                let place
            else { continue }
            throw StoreError(
                kind: .damaged, file: files.path(of: place.file), offset: place.offset,
                problem: "a createTTL has the impossible TTL \(millis)",
                wayOut: "An Apache ZooKeeper stopped right after it wrote that; the bytes before are whole.")
        }
    }

    private static func saying(_ zxid: Zxid, in error: StoreError) -> StoreError {
        var error = error
        error.wayOut = "Readable up to \(zxid): name that moment with --at. " + error.wayOut
        return error
    }
}

/// Takes a snapshot that is only checked.
struct NoSink: SnapshotSink {
    func session(id: Int64, timeoutMillis: Int32) {}
    func aclList(id: Int64, _ acl: [ACL]) {}
    func znode(path: UnsafeRawBufferPointer, data: UnsafeRawBufferPointer?, aclID: Int64, stat: StatPersisted) {}
}
