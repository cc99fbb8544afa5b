internal import NIOCore
internal import NIOPosix

/// Asks a server with the four-letter word `isro` whether it takes writes.
enum ReadWriteProbe {
    private static let timeout = TimeAmount.seconds(1)

    /// False when the server is read-only, silent or out of reach.
    static func run(_ host: ConnectString.Host, on loop: any EventLoop) -> EventLoopFuture<Bool> {
        let answer = loop.makePromise(of: Bool.self)
        AddressResolver.addresses(of: host, on: loop)
            .flatMap { addresses -> EventLoopFuture<any Channel> in
                guard let address = addresses.first else {
                    return loop.makeFailedFuture(ConnectFailure(reason: "no address"))
                }
                return ClientBootstrap(group: loop)
                    .connectTimeout(timeout)
                    .channelInitializer { channel in
                        channel.eventLoop.makeCompletedFuture {
                            try channel.pipeline.syncOperations.addHandler(Handler(answer: answer))
                        }
                    }
                    .connect(to: address)
            }
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
