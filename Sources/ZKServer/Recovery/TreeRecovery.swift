import ZKCore
import ZKStore
import ZKTree

/// Takes what a data directory holds into a tree.
final class TreeRecovery: RecoverySink {
    private let options: TreeOptions
    private var tree: UnsafeMutablePointer<ZnodeTree>
    /// Digests are compared from this zxid on: before it, a snapshot may be newer than the txns.
    private var digestsCountFrom: Int64 = 0
    /// The first txn after which the tree was not what the log says.
    private(set) var firstDigestMismatch: Zxid?

    init(options: TreeOptions) {
        self.options = options
        tree = .allocate(capacity: 1)
        tree.initialize(to: ZnodeTree(options: options))
    }

    deinit {
        tree.deinitialize(count: 1)
        tree.deallocate()
    }

    /// The tree, ready for requests. Once.
    func takeTree(lastZxid: Zxid) -> ZnodeTree {
        tree.pointee.finishRecovery(lastZxid: lastZxid.rawValue)
        let taken = tree.move()
        tree.initialize(to: ZnodeTree(options: options))
        return taken
    }

    func reset() {
        tree.pointee = ZnodeTree(options: options)
        digestsCountFrom = 0
        firstDigestMismatch = nil
    }

    func begin(bytes: Int64) {
        tree.pointee = ZnodeTree(options: options, bare: true)
    }

    func session(id: Int64, timeoutMillis: Int32) {
        tree.pointee.restoreSession(id: id, timeoutMillis: timeoutMillis)
    }

    func aclList(id: Int64, _ acl: [ACL]) {
        tree.pointee.restoreACLList(id: id, acl)
    }

    func znode(
        path: UnsafeRawBufferPointer, data: UnsafeRawBufferPointer?, aclID: Int64, stat: StatPersisted
    ) throws(RecoveryRefusal) {
        guard tree.pointee.restoreZnode(path: path, data: data, aclID: aclID, stat: stat) else {
            throw RecoveryRefusal("\(String(decoding: path, as: UTF8.self)) comes before its parent")
        }
    }

    func snapshotLoaded(zxid: Zxid, trailers: SnapshotTrailers) {
        var known: UInt64?
        if let digest = trailers.digest {
            digestsCountFrom = digest.zxid.rawValue
            // Only a snapshot during which nothing was written has the digest of what it holds.
            if digest.zxid == zxid, trailers.lastProcessedZxid == zxid, digest.digest.version == 2 {
                known = UInt64(bitPattern: digest.digest.treeDigest)
            }
        }
        tree.pointee.finishRestore(zxid: zxid.rawValue, digest: known)
    }

    func replay(_ header: TxnHeader, _ txn: Txn, _ digest: TxnDigest?) throws(RecoveryRefusal) {
        tree.pointee.replay(header, txn)
        guard options.digestEnabled, firstDigestMismatch == nil, let digest, digest.version == 2,
            header.zxid.rawValue > digestsCountFrom, header.type != .error
        else { return }
        if UInt64(bitPattern: digest.treeDigest) != tree.pointee.digest { firstDigestMismatch = header.zxid }
    }
}
