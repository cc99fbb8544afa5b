public import NIOCore
public import ZKCore

/// The body of a notification.
public struct WatcherEvent: JuteRecord, Hashable {
    public var type: Int32
    public var state: Int32
    public var path: UString

    public init(type: Int32, state: Int32, path: UString) {
        self.type = type
        self.state = state
        self.path = path
    }

    public init(from reader: inout JuteReader) throws(JuteError) {
        type = try reader.readInt32()
        state = try reader.readInt32()
        path = try reader.readString()
    }

    public func encode(into buffer: inout ByteBuffer) {
        buffer.writeJute(type)
        buffer.writeJute(state)
        buffer.writeJute(path)
    }
}
