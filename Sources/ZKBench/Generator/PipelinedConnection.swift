internal import NIOCore
internal import ZKCore
internal import ZKWire

/// A session over one connection that keeps a fixed number of requests under way.
///
/// Replies come in the order of the requests, so a ring of send times is all that it remembers. All replies of one read
/// are handled in one loop over the bytes in place, and the requests that follow them leave in one write.
final class PipelinedConnection<Source: RequestSource>: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum State {
        case handshaking
        case live
        case closed
    }

    /// Beyond the longest list of children that a benchmark makes.
    private static var frameBytesMax: Int { 512 << 20 }

    private let source: Source
    private let depth: Int
    private let handshakeDone: EventLoopPromise<Void>
    private var state = State.handshaking
    private var context: ChannelHandlerContext?
    /// The beginning of a frame whose end has not arrived.
    private var leftover: ByteBuffer?
    private var output = ByteBuffer()
    private var lastXID: Int32 = 0
    private var underWay = 0
    /// Send times by the low bits of the xid.
    private var sentAt: [UInt64]
    private let ringMask: Int

    init(source: Source, depth: Int, handshakeDone: EventLoopPromise<Void>) {
        self.source = source
        self.depth = depth
        self.handshakeDone = handshakeDone
        var capacity = 1
        while capacity < depth { capacity *= 2 }
        ringMask = capacity - 1
        sentAt = [UInt64](repeating: 0, count: capacity)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        var request = context.channel.allocator.buffer(capacity: 64)
        Frame.write(to: &request) {
            ConnectRequest(
                lastZxidSeen: .zero, timeoutMillis: 60_000, sessionID: 0, password: [UInt8](repeating: 0, count: 16),
                readOnly: false
            ).encode(into: &$0)
        }
        context.writeAndFlush(wrapOutboundOut(request), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var input = unwrapInboundIn(data)
        if var whole = leftover.take() {
            whole.writeBuffer(&input)
            input = whole
        }
        if state == .handshaking { finishHandshake(&input) }
        if state == .live { receiveReplies(&input) }
        if input.readableBytes > 0, state != .closed {
            input.discardReadBytes()
            leftover = input
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        sendMore()
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(BenchError.closedByServer)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A server that has enough connections resets this one.
        let isReset = state == .handshaking && error is IOError
        fail(isReset ? BenchError.closedByServer : "the connection broke: \(error)")
        context.close(promise: nil)
    }

    /// Sends as much as may be under way. Call it when the source has something new.
    func sendMore() {
        guard state == .live, let context else { return }
        output.clear()
        let now = NIODeadline.now().uptimeNanoseconds
        while underWay < depth {
            let xid = lastXID == .max ? 1 : lastXID + 1
            guard source.writeNext(xid: xid, into: &output) else { break }
            lastXID = xid
            sentAt[Int(xid) & ringMask] = now
            underWay += 1
        }
        if output.readableBytes > 0 {
            context.writeAndFlush(wrapOutboundOut(output), promise: nil)
        } else if underWay == 0 {
            source.didDrain()
        }
    }

    /// Ends the session and the connection.
    func close() {
        guard state == .live, let context else { return }
        state = .closed
        var request = ByteBuffer()
        Frame.write(to: &request) { RequestHeader(xid: 0, type: .closeSession).encode(into: &$0) }
        context.writeAndFlush(wrapOutboundOut(request), promise: nil)
        context.close(promise: nil)
    }

    private func finishHandshake(_ input: inout ByteBuffer) {
        do {
            guard var payload = try Frame.cut(from: &input, bytesMax: Self.frameBytesMax) else { return }
            let response = try ConnectResponse(decoding: &payload)
            guard response.timeoutMillis > 0 else { return fail("the server refused the session") }
            state = .live
            handshakeDone.succeed()
        } catch {
            fail("\(error)")
        }
    }

    private func receiveReplies(_ input: inout ByteBuffer) {
        let now = NIODeadline.now().uptimeNanoseconds
        var problem: String?
        let consumed = input.withUnsafeReadableBytes { bytes in
            var position = 0
            while position + 4 <= bytes.count {
                let length = Int(Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: position, as: Int32.self)))
                guard length >= 16, length <= Self.frameBytesMax else {
                    problem = "a reply has the length \(length)"
                    break
                }
                guard position + 4 + length <= bytes.count else { break }
                problem = receiveReply(
                    UnsafeRawBufferPointer(rebasing: bytes[position + 4..<position + 4 + length]), now)
                if problem != nil { break }
                position += 4 + length
            }
            return position
        }
        input.moveReaderIndex(forwardBy: consumed)
        if let problem { return fail(problem) }
        source.didReceiveBatch()
    }

    /// What is wrong with the reply; nil when it is the one that is due.
    private func receiveReply(_ payload: UnsafeRawBufferPointer, _ now: UInt64) -> String? {
        let xid = Int32(bigEndian: payload.loadUnaligned(as: Int32.self))
        let err = Int32(bigEndian: payload.loadUnaligned(fromByteOffset: 12, as: Int32.self))
        let (due, overflow) = lastXID.subtractingReportingOverflow(Int32(underWay - 1))
        // Around the wrap of the xids the arithmetic does not hold; the order is still checked everywhere else.
        guard underWay > 0, overflow || due < 1 || xid == due else {
            return "a reply has the xid \(xid) where \(due) is due"
        }
        underWay -= 1
        source.receive(
            xid: xid, err: ErrorCode(rawValue: err), body: UnsafeRawBufferPointer(rebasing: payload[16...]),
            latencyNanos: now &- sentAt[Int(xid) & ringMask])
        return nil
    }

    private func fail(_ reason: String) {
        guard state != .closed else { return }
        let error = BenchError(reason)
        if state == .handshaking { handshakeDone.fail(error) }
        state = .closed
        source.connectionDidFail(error)
    }
}
