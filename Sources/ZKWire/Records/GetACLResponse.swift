public import NIOCore
public import ZKCore

/// The reply to getACL.
public struct GetACLResponse: JuteRecord, Hashable {
    public var acl: [ACL]
    public var stat: Stat

    public init(acl: [ACL], stat: Stat) {
        self.acl = acl
        self.stat = stat
    }

    public init(from reader: inout JuteReader) throws(JuteError) {
        acl = try reader.readACLs()
        stat = try reader.readStat()
    }

    public func encode(into buffer: inout ByteBuffer) {
        buffer.writeJute(acl)
        buffer.writeJute(stat)
    }
}
