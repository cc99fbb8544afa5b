public import NIOCore
public import ZKCore

/// The body of createTTL.
public struct CreateTTLRequest: JuteRecord, Hashable {
    public var path: UString
    public var data: [UInt8]?
    public var acl: [ACL]
    public var flags: Int32
    public var ttlMillis: Int64

    public init(path: UString, data: [UInt8]?, acl: [ACL], flags: Int32, ttlMillis: Int64) {
        self.path = path
        self.data = data
        self.acl = acl
        self.flags = flags
        self.ttlMillis = ttlMillis
    }

    public init(from reader: inout JuteReader) throws(JuteError) {
        path = try reader.readString()
        data = try reader.readBuffer()
        acl = try reader.readACLs()
        flags = try reader.readInt32()
        ttlMillis = try reader.readInt64()
    }

    public func encode(into buffer: inout ByteBuffer) {
        buffer.writeJute(path)
        buffer.writeJute(data)
        buffer.writeJute(acl)
        buffer.writeJute(flags)
        buffer.writeJute(ttlMillis)
    }
}
