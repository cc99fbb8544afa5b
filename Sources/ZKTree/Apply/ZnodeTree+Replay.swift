package import ZKCore

/// Replays logged txns over a tree that may be newer than they are, as a snapshot taken while writes went on is.
///
/// A txn that finds its work done, or no place to do it, is passed over; what it says of versions and counters only
/// raises what is there. The digest of the tree is not kept up meanwhile: ``finishRecovery(lastZxid:digest:)`` sums it
/// up once. Source: `DataTree.processTxn`.
extension ZnodeTree {
    package mutating func replay(_ header: TxnHeader, _ txn: Txn) {
        let zxid = header.zxid.rawValue
        replay(header, type: header.type, txn)
        if zxid > lastProcessedZxid { lastProcessedZxid = zxid }
    }

    private mutating func replay(_ header: TxnHeader, type: OpCode, _ txn: Txn) {
        let zxid = header.zxid.rawValue
        switch txn {
        case .createSession(let timeoutMillis):
            sessions[header.clientID] = timeoutMillis
        case .closeSession(let paths):
            replayCloseSession(header.clientID, paths: paths, zxid: zxid)
        case .create(let create):
            replayCreate(header, type: type, create, owner: create.isEphemeral ? header.clientID : 0)
        case .createContainer(let create):
            replayCreate(header, type: type, create, owner: EphemeralOwner.container.rawValue)
        case .createTTL(let create, let ttlMillis):
            replayCreate(header, type: type, create, owner: EphemeralOwner.ttl(millis: ttlMillis).rawValue)
        case .delete(let path):
            path.bytes.withUnsafeBytes { replayDelete($0, zxid: zxid) }
        case .setData(let path, let data, let version):
            let index = path.bytes.withUnsafeBytes { findCommitted($0) }
            guard index != 0 else { return }
            commitSetData(index, dataBase: blob(of: data), version: version, zxid: zxid, timeMillis: header.timeMillis)
        case .setACL(let path, let acl, let version):
            let index = path.bytes.withUnsafeBytes { findCommitted($0) }
            guard index != 0 else { return }
            commitSetACL(index, acl: acls.intern(acl), version: version)
        case .check, .error:
            break
        case .multi(let parts):
            // One part that failed means that none was done.
            guard !parts.contains(where: { $0.type == .error }) else { return }
            for part in parts { replay(header, type: part.type, part.txn) }
        }
    }

    private mutating func blob(of data: [UInt8]?) -> UnsafeMutableRawPointer? {
        guard let data else { return nil }
        return data.withUnsafeBytes { heap.makeBlob($0).base }
    }

    private mutating func replayCreate(_ header: TxnHeader, type: OpCode, _ create: CreateTxn, owner: Int64) {
        create.path.bytes.withUnsafeBytes { path in
            guard let slash = PathCheck.lastSlash(path) else { return }
            let parent = restoredParent(path.part(from: 0, to: slash))
            guard parent != 0 else { return }
            let zxid = header.zxid.rawValue
            let existing = findCommitted(path)
            if existing != 0 {
                let before = znodes[existing].pointee.acl
                znodes[existing].pointee.acl = acls.intern(create.acl)
                acls.release(before)
                if type == .create { raiseCVersion(of: parent, to: create.parentCVersion, zxid: zxid) }
                return
            }
            let index = reserve(path: path, parent: parent)
            commitCreate(
                index, dataBase: blob(of: create.data), acl: acls.intern(create.acl), ephemeralOwner: owner,
                parentCVersion: create.parentCVersion, zxid: zxid, timeMillis: header.timeMillis)
        }
    }

    /// Source: `DataTree.setCversionPzxid`.
    private mutating func raiseCVersion(of index: UInt32, to cversion: Int32, zxid: Int64) {
        let znode = znodes[index]
        let new = cversion == -1 ? znode.pointee.cversion &+ 1 : cversion
        if new > znode.pointee.cversion {
            znode.pointee.cversion = new
            znode.pointee.pzxid = zxid
        }
    }

    private mutating func replayDelete(_ path: UnsafeRawBufferPointer, zxid: Int64) {
        guard let slash = PathCheck.lastSlash(path) else { return }
        let parent = findCommitted(path.part(from: 0, to: slash))
        guard parent != 0 else { return }
        let index = findCommitted(path)
        if index == 0 || index == Self.root {
            if zxid > znodes[parent].pointee.pzxid { znodes[parent].pointee.pzxid = zxid }
            return
        }
        deleteSubtree(index, zxid: zxid)
    }

    /// A snapshot may hold children that come back later than the delete that is replayed: they go with their parent,
    /// and the txns that made them bring them again.
    private mutating func deleteSubtree(_ top: UInt32, zxid: Int64) {
        while znodes[top].pointee.firstChild != 0 {
            var bottom = znodes[top].pointee.firstChild
            while znodes[bottom].pointee.firstChild != 0 { bottom = znodes[bottom].pointee.firstChild }
            deleteOne(bottom, zxid: zxid)
        }
        deleteOne(top, zxid: zxid)
    }

    private mutating func deleteOne(_ index: UInt32, zxid: Int64) {
        commitDelete(index, zxid: zxid)
        releaseSlot(index)
        lastRestoredParent = 0
    }

    private mutating func replayCloseSession(_ session: Int64, paths: [UString]?, zxid: Int64) {
        sessions[session] = nil
        for path in paths ?? [] {
            path.bytes.withUnsafeBytes { replayDelete($0, zxid: zxid) }
        }
        deleteEphemerals(of: session, zxid: zxid)
    }

    private mutating func deleteEphemerals(of session: Int64, zxid: Int64) {
        for index in (ephemerals[session] ?? []).sorted() { deleteSubtree(index, zxid: zxid) }
    }

    // MARK: The end of a recovery

    /// Where TTL znodes are off: one of those that are taken for ephemerals, and whose session nobody knows.
    package var orphanWithTTL: UString? {
        for (session, indices) in ephemerals where sessions[session] == nil {
            if case .ttl = EphemeralOwner(rawValue: session, extendedTypesEnabled: true), let index = indices.min() {
                return UString(bytes: Array(znodes[index].pointee.path))
            }
        }
        return nil
    }

    /// Makes the tree ready for new requests, once snapshot and txns are in it.
    ///
    /// Ephemerals whose session is gone are deleted, without a txn, as by Apache.
    ///
    /// - Parameter claim: the digest that the files tell of the very state that they made. It is taken as it is;
    ///   ``compareDigest(count:)`` finds out whether it is right. Without one the znodes are summed up here.
    package mutating func finishRecovery(lastZxid: Int64, digest claim: UInt64? = nil) {
        lastRestoredParent = 0
        var claim = claim
        for session in ephemerals.keys where sessions[session] == nil {
            deleteEphemerals(of: session, zxid: lastZxid)
            claim = nil
        }
        lastProcessedZxid = lastZxid
        lastPreparedZxid = lastZxid
        guard options.digestEnabled else { return }
        if let claim {
            digest = claim
            preparedDigest = claim
            digestClaim = DigestClaim(digest: claim, zxid: lastZxid)
        } else {
            recomputeDigest()
        }
    }
}
