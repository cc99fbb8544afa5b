public import NIOCore

/// The reply to getAllChildrenNumber: how many descendants there are.
public struct GetAllChildrenNumberResponse: JuteRecord, Hashable {
    public var totalNumber: Int32

    public init(totalNumber: Int32) {
        self.totalNumber = totalNumber
    }

    public init(from reader: inout JuteReader) throws(JuteError) {
        totalNumber = try reader.readInt32()
    }

    public func encode(into buffer: inout ByteBuffer) {
        buffer.writeJute(totalNumber)
    }
}
