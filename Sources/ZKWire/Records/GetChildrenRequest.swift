public import NIOCore
public import ZKCore

/// The body of getChildren and getChildren2.
public struct GetChildrenRequest: JuteRecord, Hashable {
    public var path: UString
    public var watch: Bool

    public init(path: UString, watch: Bool) {
        self.path = path
        self.watch = watch
    }

    public init(from reader: inout JuteReader) throws(JuteError) {
        path = try reader.readString()
        watch = try reader.readBool()
    }

    public func encode(into buffer: inout ByteBuffer) {
        buffer.writeJute(path)
        buffer.writeJute(watch)
    }
}
