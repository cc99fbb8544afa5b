internal import NIOCore
internal import NIOPosix

/// Asks a server with the four-letter word `isro` whether it takes writes, over TLS where the client speaks it.
enum ReadWriteProbe {
    private static let timeout = TimeAmount.seconds(1)

    /// False when the server is read-only, silent or out of reach.
    static func run(
        _ host: ConnectString.Host, tls: TLSConnector?, on loop: any EventLoop
    ) -> EventLoopFuture<Bool> {
        AddressResolver.addresses(of: host, on: loop)
            .flatMap { addresses in ask(addresses[...], of: host, tls: tls, on: loop) }
            .flatMapError { _ in loop.makeSucceededFuture(false) }
    }

    /// One address after the other.
    private static func ask(
        _ addresses: ArraySlice<SocketAddress>, of host: ConnectString.Host, tls: TLSConnector?, on loop: any EventLoop
    ) -> EventLoopFuture<Bool> {
        guard let address = addresses.first else { return loop.makeSucceededFuture(false) }
        return ask(address, of: host, tls: tls, on: loop).flatMap { isReadWrite in
            isReadWrite
                ? loop.makeSucceededFuture(true) : ask(addresses.dropFirst(), of: host, tls: tls, on: loop)
        }
    }

    private static func ask(
        _ address: SocketAddress, of host: ConnectString.Host, tls: TLSConnector?, on loop: any EventLoop
    ) -> EventLoopFuture<Bool> {
        let answer = loop.makePromise(of: Bool.self)
        ClientBootstrap(group: loop)
            .connectTimeout(timeout)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let handler = try tls?.handler(for: host) {
                        try channel.pipeline.syncOperations.addHandler(handler)
                    }
                    try channel.pipeline.syncOperations.addHandler(Handler(answer: answer))
                }
            }
            .connect(to: address)
            .whenComplete { result in
                switch result {
                case .success(let channel):
                    channel.writeAndFlush(ByteBuffer(string: "isro"), promise: nil)
                    let timer = loop.scheduleTask(in: timeout) { channel.close(promise: nil) }
                    channel.closeFuture.whenComplete { _ in timer.cancel() }
                case .failure:
                    answer.succeed(false)
                }
            }
        return answer.futureResult
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let answer: EventLoopPromise<Bool>
        private var text = ""

        init(answer: EventLoopPromise<Bool>) {
            self.answer = answer
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            text += String(buffer: unwrapInboundIn(data))
            if text.count > 16 { context.close(promise: nil) }
        }

        func channelInactive(context: ChannelHandlerContext) {
            answer.succeed(text.hasPrefix("rw"))
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }
    }
}
