public import NIOCore
public import ZKCore

/// The body of setACL. `version` is compared with the aversion; -1 matches every one.
public struct SetACLRequest: JuteRecord, Hashable {
    public var path: UString
    public var acl: [ACL]
    public var version: Int32

    public init(path: UString, acl: [ACL], version: Int32) {
        self.path = path
        self.acl = acl
        self.version = version
    }

    public init(from reader: inout JuteReader) throws(JuteError) {
        path = try reader.readString()
        acl = try reader.readACLs()
        version = try reader.readInt32()
    }

    public func encode(into buffer: inout ByteBuffer) {
        buffer.writeJute(path)
        buffer.writeJute(acl)
        buffer.writeJute(version)
    }
}
