public import NIOCore
public import ZKCore

/// The reply to addWatch, and a failed op in the reply to a multi.
public struct ErrorResponse: JuteRecord, Hashable {
    public var err: ErrorCode

    public init(err: ErrorCode) {
        self.err = err
    }

    public init(from reader: inout JuteReader) throws(JuteError) {
        err = ErrorCode(rawValue: try reader.readInt32())
    }

    public func encode(into buffer: inout ByteBuffer) {
        buffer.writeJute(err.rawValue)
    }
}
