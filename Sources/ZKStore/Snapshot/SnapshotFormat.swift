// A snapshot, `snapshot.<last zxid that is whole in it>`, all integers big-endian; `ustring` and `buffer` are an int32
// length (-1 is null) and that many bytes:
//
//     snapshot = "ZKSN" version:int32 = 2 dbid:int64 = -1
//                count:int32 {sessionId:int64 timeout:int32}
//                count:int32 {aclId:int64 vector<ACL>}
//                {path:ustring data:buffer aclId:int64 stat:StatPersisted}     the root is "", parents first
//                "/":ustring                                                   ends the znodes
//                seal
//                (zxid:int64 version:int32 = 2 treeDigest:int64 seal)?         since 3.6; zxid 0 is "none known"
//                (lastProcessedZxid:int64 seal)?                               since 3.9
//     seal     = checksum:int64 "/":ustring                  Adler-32 of everything before it, earlier seals included
//
// It is taken while writes go on: what a znode holds may be newer than the zxid in the name, never older. Replaying the
// log from that zxid on makes it exact. `.gz` and `.snappy` at the end of the name tell how the whole file is packed.
//
// Source: `FileSnap`, `SerializeUtils.serializeSnapshot`, `DataTree.serialize`, `SnapStream`.

public import NIOCore
public import ZKCore
import ZKWire

/// Encodes the elements of a snapshot. The order is that of the grammar: the caller keeps it.
public enum SnapshotFormat {
    static let header: [UInt8] =
        Array("ZKSN".utf8) + [0, 0, 0, 2] + [UInt8](repeating: 0xff, count: 8)
    static let rootMark: [UInt8] = [0, 0, 0, 1, UInt8(ascii: "/")]

    /// The ACL ID of a znode that everyone may do everything with; not in the table.
    public static let openACLID: Int64 = -1

    public static func encodeSession(id: Int64, timeoutMillis: Int32, into buffer: inout ByteBuffer) {
        buffer.writeMultipleIntegers(id, timeoutMillis)
    }

    public static func encodeACLList(id: Int64, _ acl: [ACL], into buffer: inout ByteBuffer) {
        buffer.writeInteger(id)
        buffer.writeJute(acl)
    }

    /// - Parameter path: "" for the root.
    public static func encodeZnode(
        path: UnsafeRawBufferPointer, data: UnsafeRawBufferPointer?, aclID: Int64, stat: StatPersisted,
        into buffer: inout ByteBuffer
    ) {
        buffer.writeInteger(Int32(path.count))
        buffer.writeBytes(path)
        if let data {
            buffer.writeInteger(Int32(data.count))
            buffer.writeBytes(data)
        } else {
            buffer.writeInteger(-1 as Int32)
        }
        buffer.writeInteger(aclID)
        buffer.writeJute(stat)
    }
}

/// What stands behind the znodes of a snapshot, where the server that wrote it knew.
public struct SnapshotTrailers: Hashable, Sendable {
    /// The digest of the tree, and the zxid at which the tree has it: at or after the zxid in the name.
    public struct Digest: Hashable, Sendable {
        public var zxid: Zxid
        public var digest: TxnDigest

        public init(zxid: Zxid, digest: TxnDigest) {
            self.zxid = zxid
            self.digest = digest
        }
    }

    public var digest: Digest?
    /// Not used by recovery: the name of the file rules.
    public var lastProcessedZxid: Zxid?

    public init(digest: Digest? = nil, lastProcessedZxid: Zxid? = nil) {
        self.digest = digest
        self.lastProcessedZxid = lastProcessedZxid
    }
}
