/// The state of a znode after the newest txn in flight that touches it.
///
/// Made when a txn first touches the znode, kept up by the later ones, dropped when the last of them is applied.
/// Source: `PrepRequestProcessor` and its `ChangeRecord`.
struct Change: BitwiseCopyable {
    var znode: UInt32
    /// Whether the znode will exist.
    var exists: Bool
    /// The newest txn that touched this.
    var zxid: Int64
    var czxid: Int64
    var mzxid: Int64
    var pzxid: Int64
    var ctimeMillis: Int64
    var mtimeMillis: Int64
    var ephemeralOwner: Int64
    /// Borrowed from the prepared txn that brings it, or from the znode.
    var dataBase: UnsafeMutableRawPointer?
    var version: Int32
    var cversion: Int32
    var aversion: Int32
    var acl: UInt32
    var childCount: UInt32
    var digest: UInt32
    /// The part of the digest that path and data make, while ``isContentKnown``: parents of many creates change nothing
    /// but their stat.
    var content: UInt32
    var isContentKnown: Bool
}

/// What a change was before a multi touched it.
struct UndoRecord {
    var znode: UInt32
    /// nil when there was none.
    var change: Change?
}

extension ZnodeTree {
    /// Whether the znode will exist once everything in flight is applied.
    @inline(__always)
    func willExist(_ index: UInt32) -> Bool {
        guard index != 0 else { return false }
        let change = znodes[index].pointee.change
        return change == 0 ? znodes[index].pointee.isCommitted : changes[change].pointee.exists
    }

    /// The prepared state of a znode, in a value of its own.
    @inline(__always)
    func prepared(_ index: UInt32) -> Change {
        let change = znodes[index].pointee.change
        return change == 0 ? committed(index) : changes[change].pointee
    }

    private func committed(_ index: UInt32) -> Change {
        let znode = znodes[index]
        return Change(
            znode: index, exists: znode.pointee.isCommitted, zxid: -1, czxid: znode.pointee.czxid,
            mzxid: znode.pointee.mzxid, pzxid: znode.pointee.pzxid, ctimeMillis: znode.pointee.ctimeMillis,
            mtimeMillis: znode.pointee.mtimeMillis, ephemeralOwner: znode.pointee.ephemeralOwner,
            dataBase: znode.pointee.dataBase, version: znode.pointee.version, cversion: znode.pointee.cversion,
            aversion: znode.pointee.aversion, acl: znode.pointee.acl, childCount: znode.pointee.childCount,
            digest: znode.pointee.digest, content: 0, isContentKnown: false)
    }

    /// The change of a znode, to be written to by the txn `zxid`.
    mutating func touch(_ index: UInt32, zxid: Int64) -> UnsafeMutablePointer<Change> {
        let existing = znodes[index].pointee.change
        if undo != nil {
            undo?.append(UndoRecord(znode: index, change: existing == 0 ? nil : changes[existing].pointee))
        }
        if existing != 0 {
            changes[existing].pointee.zxid = zxid
            return changes[existing]
        }
        if options.digestEnabled, znodes[index].pointee.isCommitted { _ = committedDigest(index) }
        var change = committed(index)
        change.zxid = zxid
        let new = changes.allocate()
        changes[new].initialize(to: change)
        znodes[index].pointee.change = new
        return changes[new]
    }

    /// Computes the digest of a change anew and carries the difference over to the tree's.
    @inline(__always)
    mutating func refreshDigest(_ change: UnsafeMutablePointer<Change>) {
        guard options.digestEnabled else { return }
        refreshEnabledDigest(change)
    }

    private mutating func refreshEnabledDigest(_ change: UnsafeMutablePointer<Change>) {
        let index = change.pointee.znode
        let path = znodes[index].pointee.path
        if TreeDigest.excludes(path) { return }
        var new: UInt32 = 0
        if change.pointee.exists {
            if !change.pointee.isContentKnown {
                change.pointee.content = TreeDigest.content(
                    path: index == Self.root ? path.part(from: 0, to: 0) : path,
                    data: change.pointee.dataBase.map { Blob(base: $0).bytes })
                change.pointee.isContentKnown = true
            }
            new = TreeDigest.digest(
                content: change.pointee.content, czxid: change.pointee.czxid, mzxid: change.pointee.mzxid,
                pzxid: change.pointee.pzxid, ctimeMillis: change.pointee.ctimeMillis,
                mtimeMillis: change.pointee.mtimeMillis, version: change.pointee.version,
                cversion: change.pointee.cversion, aversion: change.pointee.aversion,
                ephemeralOwner: change.pointee.ephemeralOwner)
        }
        preparedDigest = preparedDigest &- UInt64(change.pointee.digest) &+ UInt64(new)
        change.pointee.digest = new
    }

    /// Drops the change of a znode when `zxid` was the last txn in flight that touched it.
    @inline(__always)
    mutating func settle(_ index: UInt32, zxid: Int64) {
        let change = znodes[index].pointee.change
        guard change != 0, changes[change].pointee.zxid == zxid else { return }
        znodes[index].pointee.digest = changes[change].pointee.digest
        znodes[index].pointee.change = 0
        changes.release(change)
        if !znodes[index].pointee.isCommitted { releaseSlot(index) }
    }

    /// Puts everything back as it was before the multi that is being prepared, whose txns end with it.
    mutating func rollBack(to digest: UInt64) {
        guard let records = undo else { return }
        undo = nil
        for record in records.reversed() {
            let change = znodes[record.znode].pointee.change
            if let before = record.change {
                changes[change].pointee = before
            } else {
                znodes[record.znode].pointee.change = 0
                changes.release(change)
                if !znodes[record.znode].pointee.isCommitted { releaseSlot(record.znode) }
            }
        }
        preparedDigest = digest
    }
}
