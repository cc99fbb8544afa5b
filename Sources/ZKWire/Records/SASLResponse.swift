public import NIOCore

/// The reply to sasl.
public struct SASLResponse: JuteRecord, Hashable {
    public var token: [UInt8]?

    public init(token: [UInt8]?) {
        self.token = token
    }

    public init(from reader: inout JuteReader) throws(JuteError) {
        token = try reader.readBuffer()
    }

    public func encode(into buffer: inout ByteBuffer) {
        buffer.writeJute(token)
    }
}
