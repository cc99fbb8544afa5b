import NIOCore
import ZKCore
import ZKStore
import ZKTree

/// Encoded records on their way to the log, in buffers of some MiB each: one buffer cannot hold more than 4 GiB, and
/// what a large batch took must not stay.
struct RecordQueue {
    struct Buffer {
        /// Whole records, without their checksums.
        var bytes = ByteBuffer()
        /// Of the first of them; names the log file, if one must be created for them.
        var firstZxid = Zxid.zero
    }

    /// As many records as fit are one write of the log.
    static let bufferBytes = TxnLog.unsyncedBytesMax / 2

    private(set) var full: [Buffer] = []
    private var current = Buffer()
    /// The records in all buffers, and their bytes.
    private(set) var count = 0
    private(set) var byteCount = 0

    var isEmpty: Bool { count == 0 }

    mutating func append(_ txn: PreparedTxn, _ tree: borrowing ZnodeTree) {
        if current.bytes.readableBytes >= Self.bufferBytes {
            full.append(current)
            current = Buffer()
        }
        let start = current.bytes.writerIndex
        if start == 0 { current.firstZxid = Zxid(rawValue: txn.zxid) }
        RecordEncoder.append(txn, tree, to: &current.bytes)
        byteCount += current.bytes.writerIndex - start
        count += 1
    }

    /// Makes the checksums and hands the buffers over, in order.
    mutating func drain<Failure: Error>(_ write: (ByteBuffer, Zxid) throws(Failure) -> Void) throws(Failure) {
        for index in full.indices {
            TxnRecord.seal(&full[index].bytes)
            try write(full[index].bytes, full[index].firstZxid)
            full[index].bytes = ByteBuffer()
        }
        TxnRecord.seal(&current.bytes)
        try write(current.bytes, current.firstZxid)
    }

    /// Empties it. Of its memory it keeps what a usual batch needs.
    mutating func removeAll() {
        full = []
        count = 0
        byteCount = 0
        if current.bytes.capacity > 2 * Self.bufferBytes {
            current.bytes = ByteBuffer()
        } else {
            current.bytes.clear()
        }
    }
}
