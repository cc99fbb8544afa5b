public import NIOCore

/// The body of sasl.
public struct SASLRequest: JuteRecord, Hashable {
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
