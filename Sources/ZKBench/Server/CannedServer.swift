internal import NIOCore
internal import NIOPosix
internal import ZKCore
internal import ZKWire

/// A server on loopback that answers every request at once with an answer made beforehand, and stores nothing.
///
/// It shows what the generator and the transport can do at most on a machine, so that a measured server is not mistaken
/// for the generator's own limit.
public final class CannedServer: Sendable {
    private let group: MultiThreadedEventLoopGroup
    private let channel: any Channel

    public var port: Int { channel.localAddress?.port ?? 0 }

    /// - Parameter valueBytes: the bytes of data in a reply to getData.
    public init(valueBytes: Int) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            channel = try await ServerBootstrap(group: group)
                .serverChannelOption(.backlog, value: 512)
                .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
                .childChannelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 64 << 10))
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(CannedHandler(valueBytes: valueBytes))
                    }
                }
                .bind(host: "127.0.0.1", port: 0).get()
        } catch {
            try? await group.shutdownGracefully()
            throw BenchError("cannot listen on 127.0.0.1: \(error)")
        }
        self.group = group
    }

    public func shutdown() async throws {
        try await channel.close()
        try await group.shutdownGracefully()
    }
}

private final class CannedHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let replies: [OpCode: [UInt8]]
    private let emptyReply: [UInt8]
    private var isHandshakeDone = false
    private var leftover: ByteBuffer?
    private var output = ByteBuffer()

    init(valueBytes: Int) {
        let stat = Stat(dataLength: Int32(valueBytes))
        let data = [UInt8](repeating: UInt8(ascii: "x"), count: valueBytes)
        func reply(_ body: (any JuteRecord)?) -> [UInt8] {
            var buffer = ByteBuffer()
            Frame.write(to: &buffer) {
                ReplyHeader(xid: 0, zxid: .zero, err: .ok).encode(into: &$0)
                body?.encode(into: &$0)
            }
            return Array(buffer.readableBytesView)
        }
        replies = [
            .getData: reply(GetDataResponse(data: data, stat: stat)), .setData: reply(SetDataResponse(stat: stat)),
            .exists: reply(ExistsResponse(stat: stat)), .create: reply(CreateResponse(path: "/created")),
            .getChildren: reply(GetChildrenResponse(children: [])),
        ]
        emptyReply = reply(nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var input = unwrapInboundIn(data)
        if var whole = leftover.take() {
            whole.writeBuffer(&input)
            input = whole
        }
        while let frame = try? Frame.cut(from: &input, bytesMax: 1 << 20) {
            answer(frame)
        }
        if input.readableBytes > 0 {
            input.discardReadBytes()
            leftover = input
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        guard output.readableBytes > 0 else { return }
        context.writeAndFlush(wrapOutboundOut(output), promise: nil)
        output.clear()
    }

    private func answer(_ frame: ByteBuffer) {
        guard isHandshakeDone else {
            isHandshakeDone = true
            return Frame.write(to: &output) {
                ConnectResponse(
                    timeoutMillis: 30_000, sessionID: 1, password: [UInt8](repeating: 0, count: 16), readOnly: false
                ).encode(into: &$0)
            }
        }
        guard let xid = frame.getInteger(at: frame.readerIndex, as: Int32.self),
            let type = frame.getInteger(at: frame.readerIndex + 4, as: Int32.self)
        else { return }
        let start = output.writerIndex
        output.writeBytes(replies[OpCode(rawValue: type)] ?? emptyReply)
        output.setInteger(xid, at: start + 4)
    }
}
