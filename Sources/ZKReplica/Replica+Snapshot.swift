import NIOCore
import ZKCore
public import ZKStore
import ZKTree

extension Replica {
    /// Writes the whole tree into a snapshot: one moment, with checksum and digest.
    ///
    /// - Parameters:
    ///   - keepsSessions: without, there are neither sessions nor their ephemeral znodes in it.
    ///   - configuration: the data of `/zookeeper/config` in place of what is there. It counts in no digest.
    public func write(
        to writer: SnapshotWriter, keepsSessions: Bool = true, configuration: [UInt8]? = nil
    ) throws(StoreError) {
        let sessions = keepsSessions ? tree.sessions.sorted { $0.key < $1.key } : []
        try writer.write(sessions: sessions.map { (id: $0.key, timeoutMillis: $0.value) })
        try writer.write(aclLists: tree.acls.listsInUse.map { (id: $0.id, acl: $0.list) })
        var piece = ByteBuffer()
        var failure: StoreError?
        root.forEachAtOrBelow { znode in
            guard failure == nil, keepsSessions || znode.kind.sessionID == nil else { return }
            znode.withPath { path in
                func encode(_ data: UnsafeRawBufferPointer?) {
                    SnapshotFormat.encodeZnode(
                        path: znode.isRoot ? UnsafeRawBufferPointer(start: nil, count: 0) : path, data: data,
                        aclID: znode.aclID, stat: znode.statPersisted, into: &piece)
                }
                if let configuration, path.elementsEqual("/zookeeper/config".utf8) {
                    configuration.withUnsafeBytes { encode($0) }
                } else {
                    znode.withData { encode($0) }
                }
            }
            guard piece.readableBytes >= 1 << 20 else { return }
            do throws(StoreError) {
                try writer.write(znodes: piece)
                piece.clear()
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        try writer.write(znodes: piece)
        var trailers = SnapshotTrailers(lastProcessedZxid: zxid)
        if zxid != .zero, keepsSessions || tree.ephemeralCount == 0 {
            trailers.digest = .init(zxid: zxid, digest: TxnDigest(treeDigest: Int64(bitPattern: digest)))
        }
        try writer.finish(trailers: trailers)
    }
}

extension ReplicaZnode {
    public var isRoot: Bool { withPath { $0.count <= 1 } }
}
