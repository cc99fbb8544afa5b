public import NIOCore
public import ZKCore

/// The reply to sync: the path of the request.
public struct SyncResponse: JuteRecord, Hashable {
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
