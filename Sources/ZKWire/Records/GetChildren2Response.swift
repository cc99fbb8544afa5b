public import NIOCore
public import ZKCore

/// The reply to getChildren2.
public struct GetChildren2Response: JuteRecord, Hashable {
    public var children: [UString]
    public var stat: Stat

    public init(children: [UString], stat: Stat) {
        self.children = children
        self.stat = stat
    }

    public init(from reader: inout JuteReader) throws(JuteError) {
        children = try reader.readStrings()
        stat = try reader.readStat()
    }

    public func encode(into buffer: inout ByteBuffer) {
        buffer.writeJute(children)
        buffer.writeJute(stat)
    }
}
