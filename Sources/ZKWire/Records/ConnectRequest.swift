public import NIOCore
public import ZKCore

/// The first frame of a connection, without a header.
public struct ConnectRequest: JuteRecord, Hashable {
    public var protocolVersion: Int32
    public var lastZxidSeen: Zxid
    public var timeoutMillis: Int32
    /// 0 asks for a new session.
    public var sessionID: Int64
    public var password: [UInt8]?
    /// nil when the byte is absent, as old clients send it: the response must then do without it too.
    public var readOnly: Bool?

    public init(
        protocolVersion: Int32 = 0, lastZxidSeen: Zxid, timeoutMillis: Int32, sessionID: Int64, password: [UInt8]?,
        readOnly: Bool?
    ) {
        self.protocolVersion = protocolVersion
        self.lastZxidSeen = lastZxidSeen
        self.timeoutMillis = timeoutMillis
        self.sessionID = sessionID
        self.password = password
        self.readOnly = readOnly
    }

    public init(from reader: inout JuteReader) throws(JuteError) {
        protocolVersion = try reader.readInt32()
        lastZxidSeen = try reader.readZxid()
        timeoutMillis = try reader.readInt32()
        sessionID = try reader.readInt64()
        password = try reader.readBuffer()
        readOnly = reader.remaining > 0 ? try reader.readBool() : nil
    }

    public func encode(into buffer: inout ByteBuffer) {
        buffer.writeJute(protocolVersion)
        buffer.writeJute(lastZxidSeen)
        buffer.writeJute(timeoutMillis)
        buffer.writeJute(sessionID)
        buffer.writeJute(password)
        if let readOnly { buffer.writeJute(readOnly) }
    }
}
