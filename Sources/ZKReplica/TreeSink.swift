import ZKCore
import ZKStore
import ZKTree

/// Fills a tree from a snapshot and the txns after it.
final class TreeSink: SnapshotSink {
    private(set) var tree: ZnodeTree
    /// Of all znodes of the snapshot.
    private var newestZxid = Zxid.zero
    /// Whether the snapshot is that of a server before its first txn: then nothing came while it was written.
    var isOfFirstStart: Bool { newestZxid == .zero }

    /// Nothing is asked of a replica that needs a digest at once, and files do not tell whether TTL znodes are on.
    private static var options: TreeOptions {
        var options = TreeOptions()
        options.extendedTypesEnabled = true
        options.digestEnabled = false
        return options
    }

    /// - Parameter bare: for a snapshot, which brings the system's znodes.
    init(bare: Bool) {
        tree = ZnodeTree(options: Self.options, bare: bare)
    }

    func session(id: Int64, timeoutMillis: Int32) {
        tree.restoreSession(id: id, timeoutMillis: timeoutMillis)
    }

    func aclList(id: Int64, _ acl: [ACL]) {
        tree.restoreACLList(id: id, acl)
    }

    func znode(
        path: UnsafeRawBufferPointer, data: UnsafeRawBufferPointer?, aclID: Int64, stat: StatPersisted
    ) throws(RecoveryRefusal) {
        guard tree.restoreZnode(path: path, data: data, aclID: aclID, stat: stat) else {
            throw RecoveryRefusal("\(String(decoding: path, as: UTF8.self)) comes before its parent")
        }
        newestZxid = max(newestZxid, stat.mzxid, stat.pzxid)
    }

    func finishSnapshot(zxid: Zxid) {
        tree.finishRestore(zxid: zxid.rawValue)
    }

    func replay(_ txn: LoggedTxn) {
        tree.replay(txn.header, txn.txn)
    }

    /// The tree. Once.
    func takeTree(lastZxid: Zxid) -> ZnodeTree {
        tree.finishRecovery(lastZxid: lastZxid.rawValue)
        var taken = ZnodeTree(options: Self.options, bare: true)
        swap(&tree, &taken)
        return taken
    }
}
