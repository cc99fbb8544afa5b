public import NIOCore
public import ZKCore

/// The body of sync.
public struct SyncRequest: JuteRecord, Hashable {
    public var path: UString

    public init(path: UString) {
        self.path = path
    }

    public init(from reader: inout JuteReader) throws(JuteError) {
        path = try reader.readString()
    }

    public func encode(into buffer: inout ByteBuffer) {
        buffer.writeJute(path)
    }
}
