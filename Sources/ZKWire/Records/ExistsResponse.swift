public import NIOCore
public import ZKCore

/// The reply to exists.
public struct ExistsResponse: JuteRecord, Hashable {
    public var stat: Stat

    public init(stat: Stat) {
        self.stat = stat
    }

    public init(from reader: inout JuteReader) throws(JuteError) {
        stat = try reader.readStat()
    }

    public func encode(into buffer: inout ByteBuffer) {
        buffer.writeJute(stat)
    }
}
