public import NIOCore
public import ZKCore

/// The body of check, which stands only in a multi.
public struct CheckVersionRequest: JuteRecord, Hashable {
    public var path: UString
    public var version: Int32

    public init(path: UString, version: Int32) {
        self.path = path
        self.version = version
    }

    public init(from reader: inout JuteReader) throws(JuteError) {
        path = try reader.readString()
        version = try reader.readInt32()
    }

    public func encode(into buffer: inout ByteBuffer) {
        buffer.writeJute(path)
        buffer.writeJute(version)
    }
}
