public import NIOCore
public import ZKCore

/// The body of checkWatches.
public struct CheckWatchesRequest: JuteRecord, Hashable {
    public var path: UString
    /// A `WatcherType`, not checked here.
    public var type: Int32

    public init(path: UString, type: Int32) {
        self.path = path
        self.type = type
    }

    public init(from reader: inout JuteReader) throws(JuteError) {
        path = try reader.readString()
        type = try reader.readInt32()
    }

    public func encode(into buffer: inout ByteBuffer) {
        buffer.writeJute(path)
        buffer.writeJute(type)
    }
}
