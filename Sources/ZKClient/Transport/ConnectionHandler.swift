internal import NIOCore
internal import ZKWire

/// What a connection reports, on its event loop.
protocol ConnectionDelegate: AnyObject {
    func connectionReceived(_ frame: ByteBuffer, from connection: ConnectionHandler)
    /// Whether a frame above the limit may be a reply, so that its header is worth waiting for.
    func connectionExpectsReplies(_ connection: ConnectionHandler) -> Bool
    /// A frame of so many bytes is above the limit; `start` is its header. Returns whether the rest is to be skipped:
    /// otherwise the connection cannot go on.
    func connectionReceived(tooLong bytes: Int, start: ByteBuffer, from connection: ConnectionHandler) -> Bool
    /// All frames that had arrived have been reported.
    func connectionFinishedReading(_ connection: ConnectionHandler)
    func connectionBecameWritable(_ connection: ConnectionHandler)
    func connectionLost(_ connection: ConnectionHandler, reason: String, isLasting: Bool)
}

/// Cuts the frames of one connection and hands them over; knows nothing of sessions. Lives on the event loop.
final class ConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    static let closedByServer = "the server closed the connection"

    private let frameBytesMax: Int
    private weak var delegate: (any ConnectionDelegate)?
    private var context: ChannelHandlerContext?
    /// The start of a frame whose end has not arrived.
    private var partial: ByteBuffer?
    /// Bytes to come of a frame above the limit.
    private var skippedBytes = 0
    /// Whether a whole frame has come.
    private var hasFrame = false

    init(frameBytesMax: Int, delegate: any ConnectionDelegate) {
        self.frameBytesMax = frameBytesMax
        self.delegate = delegate
    }

    /// Whether the start of a frame has come whose end is still to come.
    var isWithinFrame: Bool { partial != nil || skippedBytes > 0 }
    var isWritable: Bool { context?.channel.isWritable ?? false }

    /// Writes and flushes. The future fails when the bytes have not reached the kernel.
    @discardableResult
    func send(_ buffer: ByteBuffer) -> EventLoopFuture<Void>? {
        guard let context else { return nil }
        let promise = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(wrapOutboundOut(buffer), promise: promise)
        return promise.futureResult
    }

    /// Closes the connection and reports nothing more.
    func drop() {
        delegate = nil
        context?.close(promise: nil)
    }

    /// Ends our direction only, so that what was sent is not lost, and reports nothing more.
    func finishSending() {
        delegate = nil
        context?.close(mode: .output, promise: nil)
    }

    // MARK: ChannelInboundHandler

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        if var joined = partial.take() {
            joined.writeBuffer(&buffer)
            buffer = joined
        }
        while true {
            skip(&buffer)
            do throws(FrameError) {
                while let frame = try Frame.cut(from: &buffer, bytesMax: frameBytesMax) {
                    hasFrame = true
                    delegate?.connectionReceived(frame, from: self)
                }
                break
            } catch {
                guard error.length > 0, let delegate, delegate.connectionExpectsReplies(self) else {
                    let foreign = ForeignProtocol.name(of: buffer, hasSpoken: hasFrame)
                    return fail(foreign ?? "\(error)", isLasting: foreign != nil, context: context)
                }
                // The length and the header of a reply.
                guard let start = buffer.getSlice(at: buffer.readerIndex + 4, length: 16) else { break }
                guard delegate.connectionReceived(tooLong: Int(error.length), start: start, from: self) else {
                    return fail("\(error)", context: context)
                }
                skippedBytes = 4 + Int(error.length)
            }
        }
        if buffer.readableBytes > 0 { partial = keep(buffer) }
    }

    private func skip(_ buffer: inout ByteBuffer) {
        let count = min(skippedBytes, buffer.readableBytes)
        buffer.moveReaderIndex(forwardBy: count)
        skippedBytes -= count
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        delegate?.connectionFinishedReading(self)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { delegate?.connectionBecameWritable(self) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(ConnectFailure.describe(error), isLasting: ConnectFailure.isLasting(error), context: context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        let foreign = partial.flatMap { ForeignProtocol.name(of: $0, hasSpoken: hasFrame) }
        report(foreign ?? Self.closedByServer, isLasting: foreign != nil)
    }

    private func fail(_ reason: String, isLasting: Bool = false, context: ChannelHandlerContext) {
        report(reason, isLasting: isLasting)
        context.close(promise: nil)
    }

    private func report(_ reason: String, isLasting: Bool) {
        let delegate = self.delegate
        self.delegate = nil
        delegate?.connectionLost(self, reason: reason, isLasting: isLasting)
    }

    /// The start of a frame with room for the rest, so that a long frame is not copied over and over.
    private func keep(_ buffer: ByteBuffer) -> ByteBuffer {
        var buffer = buffer
        buffer.discardReadBytes()
        if let length = buffer.getInteger(at: buffer.readerIndex, as: Int32.self) {
            let missing = Int(length) + 4 - buffer.readableBytes
            if Int(length) <= frameBytesMax, missing > buffer.writableBytes {
                buffer.reserveCapacity(minimumWritableBytes: missing)
            }
        }
        return buffer
    }
}

extension Optional {
    fileprivate mutating func take() -> Wrapped? {
        let value = self
        self = nil
        return value
    }
}
