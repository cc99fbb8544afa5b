public import NIOCore
public import ZKCore

/// The body of setData. Version -1 matches every version.
public struct SetDataRequest: JuteRecord, Hashable {
    public var path: UString
    public var data: [UInt8]?
    public var version: Int32

    public init(path: UString, data: [UInt8]?, version: Int32) {
        self.path = path
        self.data = data
        self.version = version
    }

    public init(from reader: inout JuteReader) throws(JuteError) {
        path = try reader.readString()
        data = try reader.readBuffer()
        version = try reader.readInt32()
    }

    public func encode(into buffer: inout ByteBuffer) {
        buffer.writeJute(path)
        buffer.writeJute(data)
        buffer.writeJute(version)
    }
}
