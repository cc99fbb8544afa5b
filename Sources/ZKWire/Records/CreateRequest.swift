public import NIOCore
public import ZKCore

/// The body of create, create2 and createContainer.
public struct CreateRequest: JuteRecord, Hashable {
    public var path: UString
    public var data: [UInt8]?
    public var acl: [ACL]
    /// A `CreateMode`, not checked here.
    public var flags: Int32

    public init(path: UString, data: [UInt8]?, acl: [ACL], flags: Int32) {
        self.path = path
        self.data = data
        self.acl = acl
        self.flags = flags
    }

    public init(from reader: inout JuteReader) throws(JuteError) {
        path = try reader.readString()
        data = try reader.readBuffer()
        acl = try reader.readACLs()
        flags = try reader.readInt32()
    }

    public func encode(into buffer: inout ByteBuffer) {
        buffer.writeJute(path)
        buffer.writeJute(data)
        buffer.writeJute(acl)
        buffer.writeJute(flags)
    }
}
