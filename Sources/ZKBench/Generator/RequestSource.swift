internal import NIOCore
internal import ZKCore

/// What a connection sends and who hears of the replies. Confined to the connection's event loop.
protocol RequestSource: AnyObject, SendableMetatype {
    /// Appends the frame of the next request; false when there is none now.
    func writeNext(xid: Int32, into buffer: inout ByteBuffer) -> Bool

    /// The oldest request without a reply got one. `body` is valid during the call only.
    func receive(xid: Int32, err: ErrorCode, body: UnsafeRawBufferPointer, latencyNanos: UInt64)

    /// Replies came, all that were read at once.
    func didReceiveBatch()

    /// Nothing is under way and there is nothing to send.
    func didDrain()

    func connectionDidFail(_ error: BenchError)
}
