public import NIOCore
public import ZKCore

/// The body of auth.
public struct AuthPacket: JuteRecord, Hashable {
    /// Always 0, and ignored.
    public var type: Int32
    public var scheme: UString
    public var auth: [UInt8]?

    public init(type: Int32, scheme: UString, auth: [UInt8]?) {
        self.type = type
        self.scheme = scheme
        self.auth = auth
    }

    public init(from reader: inout JuteReader) throws(JuteError) {
        type = try reader.readInt32()
        scheme = try reader.readString()
        auth = try reader.readBuffer()
    }

    public func encode(into buffer: inout ByteBuffer) {
        buffer.writeJute(type)
        buffer.writeJute(scheme)
        buffer.writeJute(auth)
    }
}
