package import ZKCore

/// Fills a bare tree from a snapshot.
extension ZnodeTree {
    package mutating func restoreSession(id: Int64, timeoutMillis: Int32) {
        sessions[id] = timeoutMillis
    }

    package mutating func restoreACLList(id: Int64, _ list: [ACL]) {
        restoredSlots[id] = acls.restore(list, id: id)
    }

    /// Puts a znode of a snapshot into the tree.
    ///
    /// A path that came before is replaced: a snapshot that was taken while writes went on may have one twice.
    /// - Parameter path: "" for the root.
    /// - Returns: false when the parent is missing.
    package mutating func restoreZnode(
        path: UnsafeRawBufferPointer, data: UnsafeRawBufferPointer?, aclID: Int64, stat: StatPersisted
    ) -> Bool {
        var index = Self.root
        if path.count > 0 {
            guard let slash = PathCheck.lastSlash(path) else { return false }
            let parent = restoredParent(path.part(from: 0, to: slash))
            guard parent != 0 else { return false }
            index = find(path)
            if index == 0 {
                index = reserve(path: path, parent: parent)
                linkCommitted(index)
            }
        }
        dataBytes -= znodes[index].pointee.dataCount
        heap.free(znodes[index].pointee.dataBase.map { Blob(base: $0) })
        let dataBase = heap.makeBlob(data)?.base
        let slot = restoredSlot(of: aclID)
        acls.release(znodes[index].pointee.acl)
        let znode = znodes[index]
        znode.pointee.dataBase = dataBase
        znode.pointee.acl = slot
        znode.pointee.czxid = stat.czxid.rawValue
        znode.pointee.mzxid = stat.mzxid.rawValue
        znode.pointee.pzxid = stat.pzxid.rawValue
        znode.pointee.ctimeMillis = stat.ctimeMillis
        znode.pointee.mtimeMillis = stat.mtimeMillis
        znode.pointee.version = stat.version
        znode.pointee.cversion = stat.cversion
        znode.pointee.aversion = stat.aversion
        // The root belongs to nobody, whatever stands there.
        if index != Self.root, znode.pointee.ephemeralOwner != stat.ephemeralOwner {
            if znode.pointee.ephemeralOwner != 0 { strikeOff(index, owner: znode.pointee.ephemeralOwner) }
            znode.pointee.ephemeralOwner = stat.ephemeralOwner
            if stat.ephemeralOwner != 0 { enrol(index, owner: stat.ephemeralOwner) }
        }
        dataBytes += znode.pointee.dataCount
        return true
    }

    /// The parents of neighbours are most often the same.
    mutating func restoredParent(_ path: UnsafeRawBufferPointer) -> UInt32 {
        if lastRestoredParent != 0, bytesAreEqual(znodes[lastRestoredParent].pointee.path, path) {
            return lastRestoredParent
        }
        lastRestoredParent = findCommitted(path)
        return lastRestoredParent
    }

    /// The slot of a list, with one more use of it. Under an ID that the snapshot does not have, nobody but the super
    /// user gets in; the txn that gave the znode its list is in the log.
    private mutating func restoredSlot(of id: Int64) -> UInt32 {
        if id == -1 { return 0 }
        if let slot = restoredSlots[id] {
            acls.retain(slot)
            return slot
        }
        return acls.intern([ACL(perms: .all, scheme: "missing", id: UString("\(id)"))])
    }

    /// The snapshot is whole; txns may be replayed over it.
    package mutating func finishRestore(zxid: Int64) {
        restoredSlots = [:]
        lastRestoredParent = 0
        lastProcessedZxid = zxid
        acls.dropUnused()
        recountAllQuotas()
    }
}
