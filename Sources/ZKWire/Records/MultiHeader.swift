public import NIOCore
public import ZKCore

/// In front of every op and every result of a multi, and at their end.
public struct MultiHeader: JuteRecord, Hashable {
    public var type: OpCode
    public var done: Bool
    public var err: Int32

    public init(type: OpCode, done: Bool, err: Int32) {
        self.type = type
        self.done = done
        self.err = err
    }

    public init(from reader: inout JuteReader) throws(JuteError) {
        type = OpCode(rawValue: try reader.readInt32())
        done = try reader.readBool()
        err = try reader.readInt32()
    }

    public func encode(into buffer: inout ByteBuffer) {
        buffer.writeJute(type.rawValue)
        buffer.writeJute(done)
        buffer.writeJute(err)
    }
}
