public import NIOCore
public import ZKCore

/// The reply to getEphemerals.
public struct GetEphemeralsResponse: JuteRecord, Hashable {
    public var ephemerals: [UString]

    public init(ephemerals: [UString]) {
        self.ephemerals = ephemerals
    }

    public init(from reader: inout JuteReader) throws(JuteError) {
        ephemerals = try reader.readStrings()
    }

    public func encode(into buffer: inout ByteBuffer) {
        buffer.writeJute(ephemerals)
    }
}
