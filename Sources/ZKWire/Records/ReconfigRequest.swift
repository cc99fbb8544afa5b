public import NIOCore
public import ZKCore

/// The body of reconfig.
public struct ReconfigRequest: JuteRecord, Hashable {
    public var joiningServers: UString?
    public var leavingServers: UString?
    public var newMembers: UString?
    /// -1 matches every configuration.
    public var configVersion: Int64

    public init(joiningServers: UString?, leavingServers: UString?, newMembers: UString?, configVersion: Int64) {
        self.joiningServers = joiningServers
        self.leavingServers = leavingServers
        self.newMembers = newMembers
        self.configVersion = configVersion
    }

    public init(from reader: inout JuteReader) throws(JuteError) {
        joiningServers = try reader.readOptionalString()
        leavingServers = try reader.readOptionalString()
        newMembers = try reader.readOptionalString()
        configVersion = try reader.readInt64()
    }

    public func encode(into buffer: inout ByteBuffer) {
        buffer.writeJute(joiningServers)
        buffer.writeJute(leavingServers)
        buffer.writeJute(newMembers)
        buffer.writeJute(configVersion)
    }
}
