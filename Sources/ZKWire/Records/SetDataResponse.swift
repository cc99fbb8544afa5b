public import NIOCore
public import ZKCore

/// The reply to setData.
public struct SetDataResponse: JuteRecord, Hashable {
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
