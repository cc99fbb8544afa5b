public import NIOCore

/// The server's answer to a ``ConnectRequest``. A timeout of 0 says that the session has expired.
public struct ConnectResponse: JuteRecord, Hashable {
    public var protocolVersion: Int32
    /// The negotiated one.
    public var timeoutMillis: Int32
    public var sessionID: Int64
    public var password: [UInt8]?
    /// Whether the server is read-only; nil when the byte is absent.
    public var readOnly: Bool?

    public init(
        protocolVersion: Int32 = 0, timeoutMillis: Int32, sessionID: Int64, password: [UInt8]?, readOnly: Bool?
    ) {
        self.protocolVersion = protocolVersion
        self.timeoutMillis = timeoutMillis
        self.sessionID = sessionID
        self.password = password
        self.readOnly = readOnly
    }

    public init(from reader: inout JuteReader) throws(JuteError) {
        protocolVersion = try reader.readInt32()
        timeoutMillis = try reader.readInt32()
        sessionID = try reader.readInt64()
        password = try reader.readBuffer()
        readOnly = reader.remaining > 0 ? try reader.readBool() : nil
    }

    public func encode(into buffer: inout ByteBuffer) {
        buffer.writeJute(protocolVersion)
        buffer.writeJute(timeoutMillis)
        buffer.writeJute(sessionID)
        buffer.writeJute(password)
        if let readOnly { buffer.writeJute(readOnly) }
    }
}
