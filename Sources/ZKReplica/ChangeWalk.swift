public import ZKCore
public import ZKStore

/// The changes of a part of the tree, in their order, with what was there before them.
///
/// One pass over the logs. What a change does not say itself, such as who owned a znode that went with its session, is
/// known from the snapshot where the pass begins and from the changes since. Records that do not name the path are not
/// decoded. Used by one thread.
public final class ChangeWalk {
    private struct Known {
        var version: Int32
        var aversion: Int32
        var owner: Int64
        /// Up to here a snapshot's znode may be newer than a txn.
        var zxid: Zxid
        var content: ZnodeChange.Content?
    }

    private let scope: ChangeScope
    private let cursor: TxnCursor
    private var known: [UString: Known] = [:]
    private var waiting: ArraySlice<ZnodeChange> = []
    /// Where the pass begins; nil when there is no snapshot to begin from.
    public let snapshot: StoreFileName?
    /// The first txn that was come to.
    public private(set) var firstZxid: Zxid?
    private var lastMillis: Int64 = .min

    /// - Parameter zxid: changes up to this one are passed over; nil for none.
    /// - Throws: `gap` when the files begin behind `zxid`.
    public init(
        _ files: ReplicaFiles, scope: ChangeScope, after zxid: Zxid? = nil, skipsDamage: Bool = false
    ) throws(StoreError) {
        self.scope = scope
        passed = zxid ?? Zxid(rawValue: .min)
        if let first = files.logs.first, let zxid, zxid.next < first.zxid, zxid.epoch == first.zxid.epoch,
            files.snapshots.first.map({ $0.zxid > zxid }) ?? true
        {
            throw StoreError(
                kind: .gap, file: files.path(of: first), problem: "the logs begin with \(first.zxid)",
                wayOut: "That is the earliest txn that these files have.")
        }
        let sink = ScopeSink(scope)
        let candidates = files.snapshots.filter { $0.zxid <= zxid ?? (files.logs.first?.zxid ?? .zero) }
        snapshot = try Self.load(zxid == nil ? candidates.prefix(1) : candidates[...], of: files, into: sink)
        known = sink.znodes.mapValues {
            Known(
                version: $0.stat.version, aversion: $0.stat.aversion, owner: $0.stat.ephemeralOwner,
                zxid: max($0.stat.mzxid, $0.stat.czxid), content: $0.content)
        }
        cursor = TxnCursor(files, after: zxid == nil ? nil : snapshot?.zxid, skipsDamage: skipsDamage)
    }

    /// Changes up to this one are not handed out.
    private let passed: Zxid

    /// What was skipped; only with `skipsDamage`.
    public var holes: [TxnHole] { cursor.holes }

    /// The last txn that was come to.
    public var lastZxid: Zxid { cursor.lastZxid }

    /// The newest of `candidates` that is whole.
    private static func load(
        _ candidates: ArraySlice<StoreFileName>, of files: ReplicaFiles, into sink: ScopeSink
    ) throws(StoreError) -> StoreFileName? {
        for name in candidates.reversed() {
            let file = try files.open(name)
            let compression = SnapshotCompression(fileName: name.name)
            guard try SnapshotReader.looksWhole(file, compression: compression) else { continue }
            var sink = sink
            do throws(StoreError) {
                _ = try SnapshotReader.read(
                    file, compression: compression, into: &sink)
                return name
            } catch {
                guard error.kind == .damaged else { throw error }
                sink.reset()
            }
        }
        return nil
    }

    /// The next change; nil at the end.
    ///
    /// - Throws: `damaged` or `gap`, which name file and byte.
    public func next() throws(StoreError) -> ZnodeChange? {
        while true {
            if let change = waiting.popFirst() { return change }
            var (first, previous, last, wentBack) = (firstZxid, lastMillis, lastMillis, false)
            let txn = try cursor.next { [scope] header, payload in
                if first == nil { first = header.zxid }
                previous = last
                last = header.timeMillis
                wentBack = last < previous
                return scope.mayConcern(header, payload)
            }
            (firstZxid, lastMillis) = (first, last)
            guard let txn else { return nil }
            var changes = changes(of: txn)
            guard txn.header.zxid > passed else { continue }
            if wentBack { for index in changes.indices { changes[index].clockWentBack = true } }
            waiting = changes[...]
        }
    }

    // MARK: One txn

    private func changes(of txn: LoggedTxn) -> [ZnodeChange] {
        ZnodeChange.all(of: txn) { session in
            known.filter { $0.value.owner == session }.keys.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
        }.compactMap { (change) -> ZnodeChange? in
            guard let path = change.path else {
                if case .error = change.action { return scope.includesErrors ? change : nil }
                return scope.includesSessions ? change : nil
            }
            guard scope.contains(path.bytes), change.action != .check else { return nil }
            var change = change
            note(&change, path)
            if !scope.keepsContent { (change.before, change.after) = (nil, nil) }
            return change
        }
    }

    /// Adds to a change what is known of the znode, and knows it as the change left it. Where the snapshot has the znode
    /// as it was after this txn, nothing is known of the time before.
    private func note(_ change: inout ZnodeChange, _ path: UString) {
        let zxid = change.header.zxid
        switch change.action {
        case .create:
            guard known[path].map({ $0.zxid < zxid }) ?? true else { return }
            known[path] = Known(
                version: 0, aversion: 0, owner: change.kind?.rawValue ?? 0, zxid: zxid,
                content: scope.keepsContent ? change.after : nil)
        case .delete:
            guard let znode = known[path], znode.zxid < zxid else { return }
            change.kind = EphemeralOwner(rawValue: znode.owner)
            change.versionBefore = znode.version
            change.before = znode.content
            known[path] = nil
        case .set:
            guard var znode = known[path], znode.zxid < zxid else { return }
            change.kind = EphemeralOwner(rawValue: znode.owner)
            change.before = znode.content
            znode.version = change.versionAfter ?? 0
            znode.zxid = zxid
            znode.content?.data = change.after?.data
            change.after = znode.content
            known[path] = znode
        case .setACL:
            // It leaves no zxid at the znode, but its version.
            guard var znode = known[path], znode.aversion < change.versionAfter ?? 0 else { return }
            change.kind = EphemeralOwner(rawValue: znode.owner)
            change.before = znode.content
            znode.aversion = change.versionAfter ?? 0
            znode.content?.acl = change.after?.acl ?? []
            change.after = znode.content
            known[path] = znode
        case .check, .openSession, .closeSession, .error: break
        }
    }
}

/// Takes from a snapshot what is asked for.
private final class ScopeSink: SnapshotSink {
    private let scope: ChangeScope
    private var acls: [Int64: [ACL]] = [:]
    private(set) var znodes: [UString: (stat: StatPersisted, content: ZnodeChange.Content?)] = [:]

    init(_ scope: ChangeScope) {
        self.scope = scope
    }

    func reset() {
        acls = [:]
        znodes = [:]
    }

    func session(id: Int64, timeoutMillis: Int32) {}

    func aclList(id: Int64, _ acl: [ACL]) {
        if scope.keepsContent { acls[id] = acl }
    }

    func znode(path: UnsafeRawBufferPointer, data: UnsafeRawBufferPointer?, aclID: Int64, stat: StatPersisted) {
        guard scope.contains(path) else { return }
        let content = ZnodeChange.Content(
            data: data.map { [UInt8]($0) }, acl: aclID == SnapshotFormat.openACLID ? .openUnsafe : acls[aclID] ?? [])
        let name = path.isEmpty ? [UInt8(ascii: "/")] : [UInt8](path)
        znodes[UString(bytes: name)] = (stat, scope.keepsContent ? content : nil)
    }
}
