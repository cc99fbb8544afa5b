import NIOCore
import ZKCore
import ZKStore
import ZKTree
import ZKWire

/// Writes prepared txns as log records without their checksums, straight from the tree: paths from the znodes, lists as
/// they are cached.
enum RecordEncoder {
    static func append(_ txn: PreparedTxn, _ tree: borrowing ZnodeTree, to buffer: inout ByteBuffer) {
        let header = TxnHeader(
            clientID: txn.clientID, cxid: txn.cxid, zxid: Zxid(rawValue: txn.zxid), timeMillis: txn.timeMillis,
            type: txn.type)
        let digest = txn.digest.map { TxnDigest(treeDigest: $0) }
        switch txn.type {
        case .setData: return appendSetData(txn, header, digest, tree, to: &buffer)
        case .create, .create2: return appendCreate(txn, header, digest, tree, to: &buffer)
        default: break
        }
        TxnRecord.encodeUnsealed(header: header, digest: digest, into: &buffer) { buffer in
            if txn.type == .multi {
                appendMulti(txn, tree, to: &buffer)
            } else {
                appendBody(txn, path: path(of: txn, tree), tree, to: &buffer)
            }
        }
    }

    // The two most frequent bodies are written in one go.

    private static func appendSetData(
        _ txn: PreparedTxn, _ header: TxnHeader, _ digest: TxnDigest?, _ tree: borrowing ZnodeTree,
        to buffer: inout ByteBuffer
    ) {
        let path = path(of: txn, tree)
        let data = txn.data
        TxnRecord.encodeUnsealed(
            header: header, digest: digest, bodyBytes: 4 + path.count + 4 + (data?.count ?? 0) + 4, into: &buffer
        ) { writer in
            writer.writeJute(path)
            writer.writeJute(data)
            writer.write(txn.value)
        }
    }

    private static func appendCreate(
        _ txn: PreparedTxn, _ header: TxnHeader, _ digest: TxnDigest?, _ tree: borrowing ZnodeTree,
        to buffer: inout ByteBuffer
    ) {
        let path = path(of: txn, tree)
        let data = txn.data
        let acl = tree.acls.encoded(at: txn.acl)
        TxnRecord.encodeUnsealed(
            header: header, digest: digest,
            bodyBytes: 4 + path.count + 4 + (data?.count ?? 0) + acl.count + 1 + 4, into: &buffer
        ) { writer in
            writer.writeJute(path)
            writer.writeJute(data)
            acl.withUnsafeBytes { writer.write($0) }
            writer.write(txn.ephemeralOwner != 0 ? 1 : 0 as UInt8)
            writer.write(txn.value)
        }
    }

    private static func path(of txn: PreparedTxn, _ tree: borrowing ZnodeTree) -> UnsafeRawBufferPointer {
        txn.znode == 0 ? UnsafeRawBufferPointer(start: nil, count: 0) : tree.znode(txn.znode).pointee.path
    }

    private static func appendBody(
        _ txn: PreparedTxn, path: UnsafeRawBufferPointer, _ tree: borrowing ZnodeTree, to buffer: inout ByteBuffer
    ) {
        switch txn.type {
        case .create, .create2, .createContainer, .createTTL:
            buffer.writeJuteBytes(path)
            buffer.writeJuteBytes(txn.data)
            buffer.writeBytes(tree.acls.encoded(at: txn.acl))
            if txn.type == .create || txn.type == .create2 { buffer.writeJute(txn.ephemeralOwner != 0) }
            buffer.writeInteger(txn.value)
            if txn.type == .createTTL { buffer.writeInteger(txn.ttlMillis) }
        case .delete, .deleteContainer:
            buffer.writeJuteBytes(path)
        case .setData:
            buffer.writeJuteBytes(path)
            buffer.writeJuteBytes(txn.data)
            buffer.writeInteger(txn.value)
        case .setACL:
            buffer.writeJuteBytes(path)
            buffer.writeBytes(tree.acls.encoded(at: txn.acl))
            buffer.writeInteger(txn.value)
        case .check:
            buffer.writeJuteBytes(path)
            buffer.writeInteger(txn.value)
        case .closeSession:
            let znodes = listed(txn, tree)
            buffer.writeInteger(Int32(znodes.count))
            for index in znodes { buffer.writeJuteBytes(tree.znode(index).pointee.path) }
        default:
            // createSession: the timeout; error: the code.
            buffer.writeInteger(txn.value)
        }
    }

    /// The ephemerals that the record of a closeSession names. None when it would be too long to be read back: who
    /// replays it deletes all that the session has, named or not.
    private static func listed(_ txn: PreparedTxn, _ tree: borrowing ZnodeTree) -> [UInt32] {
        let znodes = txn.detail?.znodes ?? []
        var bytes = 128
        for index in znodes {
            bytes += 4 + tree.znode(index).pointee.path.count
            if bytes > tree.options.recordBytesMax { return [] }
        }
        return znodes
    }

    /// The parts of a multi that failed have no znodes any more, but their paths were kept.
    private static func appendMulti(_ txn: PreparedTxn, _ tree: borrowing ZnodeTree, to buffer: inout ByteBuffer) {
        let parts = txn.detail?.parts ?? []
        let failedPaths = txn.detail?.failedPaths ?? []
        buffer.writeInteger(Int32(parts.count))
        for (index, part) in parts.enumerated() {
            buffer.writeInteger(part.type.rawValue)
            let start = buffer.writerIndex
            buffer.writeInteger(Int32(0))
            if failedPaths.isEmpty {
                appendBody(part, path: path(of: part, tree), tree, to: &buffer)
            } else {
                failedPaths[index].withUnsafeBytes { appendBody(part, path: $0, tree, to: &buffer) }
            }
            buffer.setInteger(Int32(buffer.writerIndex - start - 4), at: start)
        }
    }
}
