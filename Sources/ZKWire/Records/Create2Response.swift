public import NIOCore
public import ZKCore

/// The reply to create2, createContainer and createTTL.
public struct Create2Response: JuteRecord, Hashable {
    public var path: UString
    public var stat: Stat

    public init(path: UString, stat: Stat) {
        self.path = path
        self.stat = stat
    }

    public init(from reader: inout JuteReader) throws(JuteError) {
        path = try reader.readString()
        stat = try reader.readStat()
    }

    public func encode(into buffer: inout ByteBuffer) {
        buffer.writeJute(path)
        buffer.writeJute(stat)
    }
}
