import NIOCore
import NIOPosix
import Synchronization

/// Stands between a client and a server on loopback, and cuts or holds up what passes through.
public final class TCPProxy: Sendable {
    private struct State {
        var targetPort: Int
        var isOpen = true
        var channels: [ObjectIdentifier: any Channel] = [:]
        var acceptedCount = 0
        /// How many more answers fail, with which code, and how many have.
        var failures: (left: Int, code: Int32, count: Int) = (0, 0, 0)
        /// How many more answers pass before one is lost; nil when none is.
        var passesBeforeLoss: Int?
    }

    private let group = MultiThreadedEventLoopGroup.singleton
    private let state: Mutex<State>
    private let listener: Mutex<(any Channel)?> = Mutex(nil)

    private init(targetPort: Int) {
        state = Mutex(State(targetPort: targetPort))
    }

    /// Listens on a free port and forwards to `targetPort`.
    public static func start(to targetPort: Int) async throws -> TCPProxy {
        let proxy = TCPProxy(targetPort: targetPort)
        let channel = try await ServerBootstrap(group: proxy.group)
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { proxy.join($0) }
            .bind(host: "127.0.0.1", port: 0).get()
        proxy.listener.withLock { $0 = channel }
        return proxy
    }

    deinit {
        listener.withLock { $0?.close(promise: nil) }
        for channel in state.withLock({ $0.channels.values }) { channel.close(promise: nil) }
    }

    public var port: Int { listener.withLock { $0?.localAddress?.port ?? 0 } }
    public var connectString: String { "127.0.0.1:\(port)" }
    /// How many connections it has let through.
    public var acceptedCount: Int { state.withLock { $0.acceptedCount } }

    /// Closes all connections and returns when nothing passes through them any more; new ones are let through.
    public func cut() async {
        let channels = state.withLock { Array($0.channels.values) }
        for channel in channels { try? await channel.close().get() }
    }

    /// Closes all connections, and every new one at once, until ``open()``.
    public func block() async {
        state.withLock { $0.isOpen = false }
        await cut()
    }

    public func open() {
        state.withLock { $0.isOpen = true }
    }

    /// Has the next `count` answers to requests say that they failed with `code`, though what was asked for was done.
    public func failReplies(_ count: Int, code: Int32) {
        state.withLock { $0.failures = (count, code, 0) }
    }

    /// How many answers have failed since ``failReplies(_:code:)``.
    public var failedCount: Int { state.withLock { $0.failures.count } }

    /// Has the connection end in the place of the answer to a request that comes after `count` others: what was asked for
    /// was done.
    public func loseReply(after count: Int) {
        state.withLock { $0.passesBeforeLoss = count }
    }

    /// Whether the frame is to go on, perhaps changed.
    fileprivate func passes(_ frame: inout ByteBuffer) -> Bool {
        // xid, zxid, err; pings and notifications have an xid below zero.
        guard frame.getInteger(at: frame.readerIndex, as: Int32.self) ?? -1 > 0, frame.readableBytes >= 16 else {
            return true
        }
        let (isLost, code) = state.withLock { state -> (Bool, Int32?) in
            if let count = state.passesBeforeLoss {
                state.passesBeforeLoss = count > 0 ? count - 1 : nil
                if count == 0 { return (true, nil) }
            }
            guard state.failures.left > 0 else { return (false, nil) }
            state.failures.left -= 1
            state.failures.count += 1
            return (false, state.failures.code)
        }
        guard let code else { return !isLost }
        frame.setInteger(code, at: frame.readerIndex + 12)
        frame.moveWriterIndex(to: frame.readerIndex + 16)
        return true
    }

    /// Lets new connections go to another port.
    public func redirect(to targetPort: Int) {
        state.withLock { $0.targetPort = targetPort }
    }

    private func join(_ inbound: any Channel) -> EventLoopFuture<Void> {
        let target = state.withLock { state -> Int? in
            guard state.isOpen else { return nil }
            state.acceptedCount += 1
            state.channels[ObjectIdentifier(inbound)] = inbound
            return state.targetPort
        }
        guard let target else { return inbound.close() }
        inbound.closeFuture.whenComplete { [weak self] _ in self?.forget(inbound) }
        return ClientBootstrap(group: inbound.eventLoop)
            .channelOption(.autoRead, value: false)
            .connect(host: "127.0.0.1", port: target)
            .flatMap { outbound in
                self.state.withLock { $0.channels[ObjectIdentifier(outbound)] = outbound }
                outbound.closeFuture.whenComplete { [weak self] _ in self?.forget(outbound) }
                return inbound.eventLoop.makeCompletedFuture {
                    try inbound.pipeline.syncOperations.addHandler(Forwarder(to: outbound))
                    try outbound.pipeline.syncOperations.addHandler(
                        Forwarder(to: inbound, editor: self))
                }.flatMap {
                    outbound.setOption(.autoRead, value: true)
                }.flatMap {
                    inbound.setOption(.autoRead, value: true)
                }
            }
    }

    private func forget(_ channel: any Channel) {
        state.withLock { _ = $0.channels.removeValue(forKey: ObjectIdentifier(channel)) }
    }
}

private final class Forwarder: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let partner: any Channel
    private weak var editor: TCPProxy?
    private var buffer = ByteBuffer()

    /// - Parameter editor: whoever edits the frames that pass here; nil forwards the bytes as they come.
    init(to partner: any Channel, editor: TCPProxy? = nil) {
        self.partner = partner
        self.editor = editor
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let editor else { return partner.writeAndFlush(unwrapInboundIn(data), promise: nil) }
        var part = unwrapInboundIn(data)
        buffer.writeBuffer(&part)
        var output = ByteBuffer()
        while let length = buffer.getInteger(at: buffer.readerIndex, as: Int32.self),
            let whole = buffer.readSlice(length: 4 + Int(length))
        {
            var frame = whole
            frame.moveReaderIndex(forwardBy: 4)
            guard editor.passes(&frame) else { return context.close(promise: nil) }
            output.writeInteger(Int32(frame.readableBytes))
            output.writeBuffer(&frame)
        }
        buffer.discardReadBytes()
        if output.readableBytes > 0 { partner.writeAndFlush(output, promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        partner.close(promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
