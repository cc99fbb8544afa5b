public import NIOCore
public import ZKCore

/// In front of every request but the connect request.
public struct RequestHeader: JuteRecord, Hashable {
    /// Echoed in the reply; see `XID` for the reserved ones.
    public var xid: Int32
    public var type: OpCode

    public init(xid: Int32, type: OpCode) {
        self.xid = xid
        self.type = type
    }

    public init(from reader: inout JuteReader) throws(JuteError) {
        xid = try reader.readInt32()
        type = OpCode(rawValue: try reader.readInt32())
    }

    public func encode(into buffer: inout ByteBuffer) {
        buffer.writeJute(xid)
        buffer.writeJute(type.rawValue)
    }
}
