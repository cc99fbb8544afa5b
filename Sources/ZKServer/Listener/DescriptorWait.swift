import Logging
import NIOCore

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Stops accepting for a while when there are no descriptors left for more connections.
///
/// NIO's `AcceptBackoffHandler` only puts the next `read` off; after an error the one before is still pending, and the
/// listening socket, which stays readable, is tried again and again without a pause.
final class DescriptorWait: ChannelInboundHandler {
    typealias InboundIn = any Channel

    private static let pause = TimeAmount.milliseconds(250)
    private let logger: Logger
    private var isWaiting = false

    init(logger: Logger) {
        self.logger = logger
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? IOError, [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(error.errnoCode) else {
            return context.fireErrorCaught(error)
        }
        guard !isWaiting else { return }
        isWaiting = true
        logger.warning("a connection cannot be accepted: trying again in a while", metadata: ["error": "\(error)"])
        try? context.channel.syncOptions?.setOption(.autoRead, value: false)
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: Self.pause) {
            let (handler, context) = bound.value
            handler.isWaiting = false
            try? context.channel.syncOptions?.setOption(.autoRead, value: true)
        }
    }
}
