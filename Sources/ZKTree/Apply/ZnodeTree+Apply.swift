import ZKCore

/// Applies prepared txns, in the order of their preparing.
extension ZnodeTree {
    /// Changes the tree as `txn` says. What its watchers must hear is in ``WatchManager/fired`` afterwards.
    ///
    /// - Parameter partApplied: called after each part of a multi that was not refused, while the tree is as that
    ///   part left it.
    package mutating func apply(
        _ txn: PreparedTxn, partApplied: (borrowing ZnodeTree, PreparedTxn) -> Void = { (_, _) in }
    ) {
        switch txn.type {
        case .multi:
            applyMulti(txn, partApplied: partApplied)
        case .closeSession:
            applyCloseSession(txn)
        case .createSession:
            sessions[txn.clientID] = txn.value
        default:
            applyChange(txn)
            settle(txn)
        }
        if !quotaUsage.isEmpty { quotaUsage.settle(txn.zxid) }
        if txn.zxid > lastProcessedZxid { lastProcessedZxid = txn.zxid }
        if let digest = txn.digest { self.digest = UInt64(bitPattern: digest) }
    }

    @inline(__always)
    private mutating func applyChange(_ txn: PreparedTxn) {
        switch txn.type {
        case .create, .create2, .createContainer, .createTTL:
            commitCreate(
                txn.znode, dataBase: txn.dataBase, acl: txn.acl, ephemeralOwner: txn.ephemeralOwner,
                parentCVersion: txn.value, zxid: txn.zxid, timeMillis: txn.timeMillis)
        case .delete, .deleteContainer:
            commitDelete(txn.znode, zxid: txn.zxid)
        case .setData:
            commitSetData(
                txn.znode, dataBase: txn.dataBase, version: txn.value, zxid: txn.zxid, timeMillis: txn.timeMillis)
        case .setACL:
            commitSetACL(txn.znode, acl: txn.acl, version: txn.value)
        default:
            break
        }
    }

    /// Drops the changes in flight that `txn` was the last to touch. The child goes before its parent, whose slot may
    /// be freed only after it.
    @inline(__always)
    private mutating func settle(_ txn: PreparedTxn) {
        switch txn.type {
        case .create, .create2, .createContainer, .createTTL, .delete, .deleteContainer:
            let parent = znodes[txn.znode].pointee.parent
            settle(txn.znode, zxid: txn.zxid)
            settle(parent, zxid: txn.zxid)
        case .setData, .setACL:
            settle(txn.znode, zxid: txn.zxid)
        default:
            break
        }
    }

    private mutating func applyMulti(
        _ txn: PreparedTxn, partApplied: (borrowing ZnodeTree, PreparedTxn) -> Void
    ) {
        guard let parts = txn.detail?.parts else { return }
        if txn.value != 0 {
            for part in parts { discard(part) }
            return
        }
        for part in parts {
            applyChange(part)
            partApplied(self, part)
        }
        // A part may delete what an earlier one made: slots are freed only when all parts are done.
        var touched = Set<UInt32>()
        for part in parts where part.znode != 0 {
            touched.insert(part.znode)
            touched.insert(znodes[part.znode].pointee.parent)
        }
        settle(touched, zxid: txn.zxid)
    }

    private mutating func applyCloseSession(_ txn: PreparedTxn) {
        sessions[txn.clientID] = nil
        guard let indices = txn.detail?.znodes else { return }
        var touched = Set<UInt32>()
        for index in indices {
            touched.insert(index)
            touched.insert(znodes[index].pointee.parent)
            commitDelete(index, zxid: txn.zxid)
        }
        settle(touched, zxid: txn.zxid)
    }

    private mutating func settle(_ touched: Set<UInt32>, zxid: Int64) {
        // Settling a znode frees no other one, so the order is of no matter.
        for index in touched where index != 0 { settle(index, zxid: zxid) }
    }

    /// Gives back what a part of a failed multi had taken.
    mutating func discard(_ part: PreparedTxn) {
        heap.free(part.dataBase.map { Blob(base: $0) })
        switch part.type {
        case .create, .create2, .createContainer, .createTTL, .setACL: acls.release(part.acl)
        default: break
        }
    }
}
