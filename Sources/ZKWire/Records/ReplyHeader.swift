public import NIOCore
public import ZKCore

/// In front of every reply but the connect response, and of every watch event.
public struct ReplyHeader: JuteRecord, Hashable {
    public var xid: Int32
    /// The last zxid that the server had processed; of an event, the zxid of the change.
    public var zxid: Zxid
    /// A body follows only when this is `.ok`; of the refused requests only multiRead (an empty multi) and sasl (a null
    /// token) have one all the same.
    public var err: ErrorCode

    public init(xid: Int32, zxid: Zxid, err: ErrorCode) {
        self.xid = xid
        self.zxid = zxid
        self.err = err
    }

    public init(from reader: inout JuteReader) throws(JuteError) {
        xid = try reader.readInt32()
        zxid = try reader.readZxid()
        err = ErrorCode(rawValue: try reader.readInt32())
    }

    public func encode(into buffer: inout ByteBuffer) {
        buffer.writeJute(xid)
        buffer.writeJute(zxid)
        buffer.writeJute(err.rawValue)
    }
}
