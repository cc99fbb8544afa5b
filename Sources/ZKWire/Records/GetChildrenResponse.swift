public import NIOCore
public import ZKCore

/// The reply to getChildren: names without their path, in no order.
public struct GetChildrenResponse: JuteRecord, Hashable {
    public var children: [UString]

    public init(children: [UString]) {
        self.children = children
    }

    public init(from reader: inout JuteReader) throws(JuteError) {
        children = try reader.readStrings()
    }

    public func encode(into buffer: inout ByteBuffer) {
        buffer.writeJute(children)
    }
}
