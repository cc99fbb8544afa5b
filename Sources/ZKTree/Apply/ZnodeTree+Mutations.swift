import ZKCore

/// What txns do to the tree: shared by live traffic and recovery. Source: `DataTree`.
extension ZnodeTree {
    /// - Parameter dataBase: goes over to the znode, as does the use of `acl`.
    mutating func commitCreate(
        _ index: UInt32, dataBase: UnsafeMutableRawPointer?, acl: UInt32, ephemeralOwner owner: Int64,
        parentCVersion: Int32, zxid: Int64, timeMillis: Int64
    ) {
        let znode = znodes[index]
        let parent = znodes[znode.pointee.parent]
        let cversion = parentCVersion == -1 ? parent.pointee.cversion &+ 1 : parentCVersion
        if cversion > parent.pointee.cversion {
            parent.pointee.cversion = cversion
            parent.pointee.pzxid = zxid
        }
        znode.pointee.czxid = zxid
        znode.pointee.mzxid = zxid
        znode.pointee.pzxid = zxid
        znode.pointee.ctimeMillis = timeMillis
        znode.pointee.mtimeMillis = timeMillis
        znode.pointee.ephemeralOwner = owner
        znode.pointee.dataBase = dataBase
        znode.pointee.version = 0
        znode.pointee.cversion = 0
        znode.pointee.aversion = 0
        znode.pointee.acl = acl
        linkCommitted(index)
        if owner != 0 { enrol(index, owner: owner) }
        let path = znode.pointee.path
        noteCreateForQuotas(index, path: path, bytes: znode.pointee.dataCount)
        if !watches.isEmpty {
            fireDataWatches(path, .nodeCreated, zxid: zxid, acl: acl)
            let parentIndex = znodes[index].pointee.parent
            fireChildWatches(
                znodes[parentIndex].pointee.path, .nodeChildrenChanged, zxid: zxid,
                acl: znodes[parentIndex].pointee.acl)
        }
    }

    /// Adds a znode to the ephemerals of its session, to the containers or to the TTL znodes.
    mutating func enrol(_ index: UInt32, owner: Int64) {
        switch ephemeralOwner(owner) {
        case .persistent: break
        case .container: containers.insert(index)
        case .ttl: ttls.insert(index)
        case .session(let session):
            if ephemerals[session, default: []].insert(index).inserted { ephemeralCount += 1 }
        }
    }

    mutating func strikeOff(_ index: UInt32, owner: Int64) {
        switch ephemeralOwner(owner) {
        case .persistent: break
        case .container:
            containers.remove(index)
            // A set does not shrink by itself.
            if containers.isEmpty { containers = [] }
        case .ttl:
            ttls.remove(index)
            if ttls.isEmpty { ttls = [] }
        case .session(let session):
            if ephemerals[session]?.remove(index) != nil { ephemeralCount -= 1 }
            if ephemerals[session]?.isEmpty == true { ephemerals[session] = nil }
        }
    }

    /// Deletes a committed znode. Its slot stays while a later txn in flight needs it.
    mutating func commitDelete(_ index: UInt32, zxid: Int64) {
        let znode = znodes[index]
        let parentIndex = znode.pointee.parent
        let parent = znodes[parentIndex]
        if zxid > parent.pointee.pzxid { parent.pointee.pzxid = zxid }
        unlinkCommitted(index)
        if znode.pointee.ephemeralOwner != 0 { strikeOff(index, owner: znode.pointee.ephemeralOwner) }
        let path = znode.pointee.path
        noteDeleteForQuotas(path: path, bytes: znode.pointee.dataCount)
        if !watches.isEmpty {
            fireDataWatches(path, .nodeDeleted, zxid: zxid, acl: znode.pointee.acl)
            fireChildWatches(path, .nodeDeleted, zxid: zxid, acl: znode.pointee.acl, afterData: true)
            fireChildWatches(
                parent.pointee.path, .nodeChildrenChanged, zxid: zxid, acl: parent.pointee.acl)
        }
        heap.free(znode.pointee.dataBase.map { Blob(base: $0) })
        znode.pointee.dataBase = nil
        acls.release(znode.pointee.acl)
        znode.pointee.acl = 0
        znode.pointee.digest = 0
    }

    mutating func commitSetData(
        _ index: UInt32, dataBase: UnsafeMutableRawPointer?, version: Int32, zxid: Int64, timeMillis: Int64
    ) {
        let znode = znodes[index]
        let before = znode.pointee.dataCount
        heap.free(znode.pointee.dataBase.map { Blob(base: $0) })
        znode.pointee.dataBase = dataBase
        znode.pointee.version = version
        znode.pointee.mzxid = zxid
        znode.pointee.mtimeMillis = timeMillis
        let difference = znode.pointee.dataCount - before
        dataBytes += difference
        if !quotas.isEmpty { noteSetDataForQuotas(path: znode.pointee.path, difference: difference) }
        if !watches.isEmpty {
            fireDataWatches(znode.pointee.path, .nodeDataChanged, zxid: zxid, acl: znode.pointee.acl)
        }
    }

    mutating func commitSetACL(_ index: UInt32, acl: UInt32, version: Int32) {
        let znode = znodes[index]
        acls.release(znode.pointee.acl)
        znode.pointee.acl = acl
        znode.pointee.aversion = version
    }
}
