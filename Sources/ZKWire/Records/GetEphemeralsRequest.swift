public import NIOCore
public import ZKCore

/// The body of getEphemerals. A null prefix matches every path.
public struct GetEphemeralsRequest: JuteRecord, Hashable {
    public var prefix: UString?

    public init(prefix: UString?) {
        self.prefix = prefix
    }

    public init(from reader: inout JuteReader) throws(JuteError) {
        prefix = try reader.readOptionalString()
    }

    public func encode(into buffer: inout ByteBuffer) {
        buffer.writeJute(prefix)
    }
}
