public import NIOCore

/// A frame is a big-endian Int32 length and as many bytes.
public enum Frame {
    /// The longest request that an Apache server accepts (`jute.maxbuffer`, inclusive).
    public static let defaultBytesMax = 0xfffff

    /// Appends a frame to `buffer`, with the length of what `writePayload` wrote.
    public static func write(to buffer: inout ByteBuffer, _ writePayload: (inout ByteBuffer) -> Void) {
        let start = buffer.writerIndex
        buffer.writeInteger(0, as: Int32.self)
        writePayload(&buffer)
        buffer.setInteger(Int32(buffer.writerIndex - start - 4), at: start)
    }

    /// Cuts the next frame from the front of `buffer`, without its length; nil when it has not arrived whole.
    ///
    /// - Throws: ``FrameError`` when the length is negative or above `bytesMax`: the connection cannot go on.
    public static func cut(from buffer: inout ByteBuffer, bytesMax: Int) throws(FrameError) -> ByteBuffer? {
        guard let length = buffer.getInteger(at: buffer.readerIndex, as: Int32.self) else { return nil }
        guard length >= 0, Int(length) <= bytesMax else { throw FrameError(length: length, bytesMax: bytesMax) }
        guard buffer.readableBytes >= 4 + Int(length) else { return nil }
        buffer.moveReaderIndex(forwardBy: 4)
        return buffer.readSlice(length: Int(length))
    }
}

/// The length of a frame is negative or above the limit.
public struct FrameError: Error, Hashable, Sendable {
    public let length: Int32
    public let bytesMax: Int

    public init(length: Int32, bytesMax: Int) {
        self.length = length
        self.bytesMax = bytesMax
    }
}

extension FrameError: CustomStringConvertible {
    public var description: String {
        length < 0
            ? "a frame has the length \(length): the peer does not speak ZooKeeper's protocol"
            : "a frame of \(length) bytes is above the limit of \(bytesMax) (jute.maxbuffer)"
    }
}
