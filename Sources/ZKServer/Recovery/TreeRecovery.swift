import ZKCore
import ZKStore
import ZKTree

/// Takes what a data directory holds into a tree.
final class TreeRecovery: RecoverySink {
    private let options: TreeOptions
    private var tree: UnsafeMutablePointer<ZnodeTree>
    /// Digests are compared from this zxid on: before it, a snapshot may be newer than the txns.
    private var digestsCountFrom: Int64 = 0
    /// The digest of the tree as the files tell it, and of when.
    private var told: (zxid: Zxid, digest: UInt64)?
    private var hasSnapshot = false

    init(options: TreeOptions) {
        self.options = options
        tree = .allocate(capacity: 1)
        tree.initialize(to: ZnodeTree(options: options))
    }

    deinit {
        tree.deinitialize(count: 1)
        tree.deallocate()
    }

    /// The tree, ready for requests. Once. Its digest is that of the files, and still to be compared.
    func takeTree(lastZxid: Zxid) -> ZnodeTree {
        // Without a snapshot some znodes have been counted already.
        let claim = told.flatMap { hasSnapshot && $0.zxid.rawValue >= digestsCountFrom ? $0.digest : nil }
        tree.pointee.finishRecovery(lastZxid: lastZxid.rawValue, digest: claim)
        let taken = tree.move()
        tree.initialize(to: ZnodeTree(options: options))
        return taken
    }

    /// The path of a znode with a TTL, which a tree without such znodes has for one of a session that is gone.
    var znodeWithTTL: String? { tree.pointee.orphanWithTTL?.string }

    func reset() {
        tree.pointee = ZnodeTree(options: options)
        digestsCountFrom = 0
        told = nil
        hasSnapshot = false
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
        tree.pointee.finishRestore(zxid: zxid.rawValue)
        hasSnapshot = true
        guard let digest = trailers.digest else { return }
        digestsCountFrom = digest.zxid.rawValue
        // Only a snapshot during which nothing was written has the digest of what it holds.
        if digest.zxid == zxid, trailers.lastProcessedZxid == zxid, digest.digest.version == 2 {
            told = (zxid, UInt64(bitPattern: digest.digest.treeDigest))
        }
    }

    func replay(_ header: TxnHeader, _ txn: Txn, _ digest: TxnDigest?) throws(RecoveryRefusal) {
        tree.pointee.replay(header, txn)
        // The record of a refused request has none, and leaves the tree as it is.
        guard header.type != .error else { return }
        told = digest.flatMap { $0.version == 2 ? (header.zxid, UInt64(bitPattern: $0.treeDigest)) : nil }
    }
}
