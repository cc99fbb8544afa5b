public import NIOCore
public import ZKCore

/// The reply to getData; null and empty data differ.
public struct GetDataResponse: JuteRecord, Hashable {
    public var data: [UInt8]?
    public var stat: Stat

    public init(data: [UInt8]?, stat: Stat) {
        self.data = data
        self.stat = stat
    }

    public init(from reader: inout JuteReader) throws(JuteError) {
        data = try reader.readBuffer()
        stat = try reader.readStat()
    }

    public func encode(into buffer: inout ByteBuffer) {
        buffer.writeJute(data)
        buffer.writeJute(stat)
    }
}
