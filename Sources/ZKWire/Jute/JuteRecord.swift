public import NIOCore

/// A record of `zookeeper.jute`: its fields in order, nothing else.
public protocol JuteRecord: Sendable {
    init(from reader: inout JuteReader) throws(JuteError)
    func encode(into buffer: inout ByteBuffer)
}

extension JuteRecord {
    /// Reads a record from the front of `buffer` and leaves the reader index behind it. Bytes after it are left.
    public init(
        decoding buffer: inout ByteBuffer, lengthMax: Int = JuteReader.defaultLengthMax
    ) throws(JuteError) {
        let (result, bytesRead) = buffer.withUnsafeReadableBytes { bytes in
            var reader = JuteReader(bytes, lengthMax: lengthMax)
            do throws(JuteError) {
                return (Result<Self, JuteError>.success(try Self(from: &reader)), reader.position)
            } catch {
                return (.failure(error), 0)
            }
        }
        self = try result.get()
        buffer.moveReaderIndex(forwardBy: bytesRead)
    }
}
