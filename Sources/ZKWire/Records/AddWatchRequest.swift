public import NIOCore
public import ZKCore

/// The body of addWatch.
public struct AddWatchRequest: JuteRecord, Hashable {
    public var path: UString
    /// An `AddWatchMode`, not checked here.
    public var mode: Int32

    public init(path: UString, mode: Int32) {
        self.path = path
        self.mode = mode
    }

    public init(from reader: inout JuteReader) throws(JuteError) {
        path = try reader.readString()
        mode = try reader.readInt32()
    }

    public func encode(into buffer: inout ByteBuffer) {
        buffer.writeJute(path)
        buffer.writeJute(mode)
    }
}
