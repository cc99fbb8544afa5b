import Logging
import NIOCore
import Synchronization
import ZKCore
import ZKTree
import ZKWire

/// What a connection has to send, taken out of it under the lock.
struct ConnectionOutput {
    var bytes: ByteBuffer
    var closesAfterwards: Bool
    /// Whether a session is there now, so that requests behind the connect frame can be handled.
    var resumesReading: Bool
    /// Whether the client must wait for the pipeline before more is read from it.
    var pausesReading = false
}

/// One client: cuts the frames of its reads, and holds its output and the requests that wait for its own writes.
///
/// Fields under "shared" obey the rules of ``ServerCore``; all others belong to the event loop.
final class Connection: ChannelDuplexHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Phase {
        /// Nothing but a connect request or a four-letter word is understood.
        case new
        /// The session is being made: frames wait.
        case connecting
        case connected
        /// The client has asked for the end of its session: what comes behind that is refused.
        case closing
        /// No more requests are handled.
        case closed
    }

    // Of the event loop.
    private let core: ServerCore
    let loopIndex: Int
    private var context: ChannelHandlerContext?
    private var unread: ByteBuffer?
    private let normalized = NormalizedStrings()
    private var handshakeDeadline: Scheduled<Void>?
    private var isReadPending = false
    private var isPaused = false
    /// Whether whole frames wait in ``unread`` until the peer has taken its replies.
    private var hasMore = false
    private var isTurnScheduled = false
    /// Whether the session is there, so that frames can be looked at before the lock is taken.
    private(set) var isEstablished = false
    let peer: PeerAddress
    var address: String { peer.host }
    let isTLS: Bool
    let establishedWallMillis: Int64

    // Shared. The lock is what keeps accesses apart; checking each of the frequent ones again costs as much as some of
    // the requests.
    @exclusivity(unchecked) var phase = Phase.new
    @exclusivity(unchecked) var output = ByteBuffer()
    /// What was sent at once the last time: most often the next is as long.
    private var lastOutputBytes = 0
    @exclusivity(unchecked) var isDirty = false
    var closesAfterOutput = false
    var resumesReading = false
    @exclusivity(unchecked) var session: Session?
    /// The session timeout that this connection was told.
    var timeoutMillis: Int64 = 0
    /// Whether the channel is closed: nothing is written any more.
    @exclusivity(unchecked) var isGone = false
    /// The number under which watches and the session know this connection; nil before it has a session.
    var id: UInt32?
    let requester: Requester
    /// Writes that were prepared and not applied yet.
    @exclusivity(unchecked) var writesInFlight = 0
    @exclusivity(unchecked) private(set) var writesPrepared: UInt64 = 0
    @exclusivity(unchecked) private(set) var writesApplied: UInt64 = 0
    /// Reads that wait for the writes before them.
    @exclusivity(unchecked) var deferred: DeferredRequests
    /// Whether the client has asked for the end of its session.
    @exclusivity(unchecked) var closesSession = false
    /// The requests behind that, which are answered after it.
    var refusedXids: [Int32] = []
    /// Bytes that were sent and that the peer has not taken.
    let unreadBytes = Atomic(0)
    /// Whether it was chosen to go, since all together leave too much.
    var isCutOff = false
    /// Whether the next frame is a read that found no room among them.
    @exclusivity(unchecked) var waitsForWrites = false
    /// Whether it is a write, and the log has no room.
    @exclusivity(unchecked) var waitsForLog = false
    /// Whether the connect request had the byte that asks for a read-only session: the response has it then too.
    var hasReadOnlyByte = true
    @exclusivity(unchecked) var stats = ConnectionStats()
    /// A login with SASL that is under way or done.
    var saslExchange: DigestMD5Exchange?

    init(core: ServerCore, loopIndex: Int, peer: PeerAddress, isTLS: Bool) {
        self.core = core
        self.loopIndex = loopIndex
        self.peer = peer
        self.isTLS = isTLS
        establishedWallMillis = core.clock.wallMillis
        deferred = DeferredRequests(budget: core.deferredBudget)
        requester = Requester(identities: [ACLIdentity(scheme: "ip", id: UString(peer.host))])
    }

    // MARK: Shared

    func notePrepared() {
        writesInFlight += 1
        writesPrepared += 1
    }

    func noteApplied() {
        writesInFlight -= 1
        writesApplied += 1
    }

    /// Makes room for about as much output as the last time, in one step.
    @inline(__always)
    func reserveOutput() {
        if output.capacity == 0, lastOutputBytes > 0 { output.reserveCapacity(lastOutputBytes) }
    }

    /// Under either lock, on the loop.
    func takeOutput(core: ServerCore) -> ConnectionOutput {
        let taken = ConnectionOutput(
            bytes: output, closesAfterwards: closesAfterOutput, resumesReading: resumesReading,
            pausesReading: core.isOverloaded(by: self))
        lastOutputBytes = output.readableBytes
        output = ByteBuffer()
        resumesReading = false
        return taken
    }

    // MARK: Channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func channelActive(context: ChannelHandlerContext) {
        core.connectionOpened(self)
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        handshakeDeadline = context.eventLoop.scheduleTask(
            in: .milliseconds(Int64(core.configuration.handshakeMillisMax))
        ) {
            bound.value.handshakeIsLate()
        }
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        handshakeDeadline?.cancel()
        core.connectionClosed(self)
        core.noteUnread(0, of: self)
        self.context = nil
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed? = event as? ChannelEvent {
            // What is on its way still comes, and the end after it; nothing else will be asked for.
            let isAnswering = core.lock.withShared { phase == .closed || phase == .closing }
            if !isAnswering { context.close(promise: nil) }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        core.logger.debug("connection fails", metadata: ["peer": "\(peer.text)", "error": "\(error)"])
        context.close(promise: nil)
    }

    private func handshakeIsLate() {
        guard core.lock.withShared({ phase == .new }) else { return }
        core.noteSessionlessExpiry()
        context?.close(promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        if unread == nil {
            unread = bytes
        } else {
            unread?.writeBuffer(&bytes)
        }
        handleUnread()
    }

    /// Reads only while the peer takes its replies and the pipeline has room.
    func read(context: ChannelHandlerContext) {
        if context.channel.isWritable, !isPaused, !hasMore {
            context.read()
        } else {
            isReadPending = true
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { core.noteUnread(0, of: self) }
        resume()
        context.fireChannelWritabilityChanged()
    }

    /// Goes on with the frames that wait, or else with reading, if the peer takes its replies.
    private func resume() {
        guard let context, context.channel.isWritable, !isPaused else { return }
        guard !hasMore else {
            scheduleTurn(context)
            return
        }
        guard isReadPending else { return }
        isReadPending = false
        context.read()
    }

    /// Not at once: the other connections of the loop have their turn in between.
    private func scheduleTurn(_ context: ChannelHandlerContext) {
        guard !isTurnScheduled else { return }
        isTurnScheduled = true
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.eventLoop.execute {
            bound.value.isTurnScheduled = false
            bound.value.handleUnread()
        }
    }

    // MARK: Frames

    private func handleUnread() {
        guard var buffer = unread else { return }
        unread = nil
        let result = buffer.readWithUnsafeReadableBytes { bytes -> (Int, FrameBatch.Outcome) in
            let outcome = core.handle(bytes, of: self, normalized: normalized)
            return (outcome.bytesHandled, outcome)
        }
        normalized.removeAll()
        hasMore = result.hasMore
        if buffer.readableBytes > 0 {
            // What is left of a large frame should not pin, nor copy again and again, what was handled.
            buffer.discardReadBytes()
            if result.bytesExpected > buffer.capacity { buffer.reserveCapacity(result.bytesExpected) }
            unread = buffer
        }
        send(result.output)
        for loop in result.dirtyLoops { loop.schedule(core) }
    }

    /// Writes and flushes output that was taken under the lock.
    func send(_ taken: ConnectionOutput) {
        guard let context else { return }
        guard core.makesFaults, let delay = core.configuration.faults?.delayMillis, delay > 0 else {
            return sendNow(taken, context)
        }
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: .milliseconds(Int64(delay))) {
            guard let context = bound.value.context else { return }
            bound.value.sendNow(taken, context)
        }
    }

    private func sendNow(_ taken: ConnectionOutput, _ context: ChannelHandlerContext) {
        isPaused = taken.pausesReading
        if taken.closesAfterwards {
            closeAfterSending(taken.bytes, context)
            return
        }
        if taken.bytes.readableBytes > 0 {
            context.writeAndFlush(wrapOutboundOut(taken.bytes), promise: nil)
            if !context.channel.isWritable { closeIfUnread(context) }
        }
        if taken.resumesReading {
            isEstablished = true
            handshakeDeadline?.cancel()
            handleUnread()
        }
        resume()
    }

    /// A client that does not read is not read from; what it watches may still pile up, but not without end.
    private func closeIfUnread(_ context: ChannelHandlerContext) {
        let waiting = noteUnread(context)
        guard waiting > core.configuration.unreadReplyBytesMax else { return }
        core.logger.warning(
            "closing a connection that does not read its replies",
            metadata: ["peer": "\(peer.text)", "bytes": "\(waiting)"])
        context.close(promise: nil)
    }

    /// Returns the bytes that the peer has not taken.
    @discardableResult
    private func noteUnread(_ context: ChannelHandlerContext) -> Int {
        let waiting = (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        core.noteUnread(waiting, of: self)
        return waiting
    }

    private func closeAfterSending(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        guard bytes.readableBytes > 0 else {
            context.close(promise: nil)
            return
        }
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(bytes)).whenComplete { _ in bound.value.close(promise: nil) }
        if !context.channel.isWritable { noteUnread(context) }
        closeUnlessTaken(context, before: .max)
    }

    /// A peer that does not read does not keep its place for that; one that reads slowly does.
    private func closeUnlessTaken(_ context: ChannelHandlerContext, before: Int) {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: .milliseconds(Int64(core.configuration.handshakeMillisMax))) {
            let (connection, context) = bound.value
            guard context.channel.isActive else { return }
            let waiting = (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
            guard waiting < before else { return context.close(promise: nil) }
            connection.closeUnlessTaken(context, before: waiting)
        }
    }
}
