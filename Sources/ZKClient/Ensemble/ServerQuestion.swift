internal import NIOCore
internal import NIOPosix

/// Sends bytes to a server and gathers what it answers until it closes the connection: the pattern of the four-letter
/// words and of HTTP/1.0.
struct ServerQuestion {
    let host: String
    let port: Int
    let request: [UInt8]
    let timeout: Duration
    let responseBytesMax: Int

    /// - Throws: ``ServerQuestionError``, or `CancellationError`.
    func ask() async throws -> [UInt8] {
        let amount = TimeAmount(timeout)
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let answer = loop.makePromise(of: [UInt8].self)
        let deadline = loop.scheduleTask(in: amount) { answer.fail(ServerQuestionError.timedOut(timeout)) }
        let connect = ClientBootstrap(group: loop)
            .connectTimeout(amount)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        AnswerGatherer(request: request, answer: answer, bytesMax: responseBytesMax))
                }
            }
            .connect(host: host, port: port)
        connect.whenFailure { answer.fail(ServerQuestionError(connecting: $0)) }
        answer.futureResult.whenComplete { _ in
            deadline.cancel()
            connect.whenSuccess { $0.close(promise: nil) }
        }
        return try await withTaskCancellationHandler {
            try await answer.futureResult.get()
        } onCancel: {
            answer.fail(CancellationError())
        }
    }
}

/// Why a server gave no answer to a question outside of a session.
public enum ServerQuestionError: Error, Hashable, Sendable {
    case refused
    case unknownHost
    case timedOut(Duration)
    /// The connection broke before anything came.
    case connectionLost
    case answerTooLong(bytesMax: Int)
    case other(String)

    init(connecting error: any Error) {
        if let error = error as? NIOConnectionError {
            let reasons = error.connectionErrors.map { "\($0.error)" }
            if reasons.isEmpty {
                self = .unknownHost
            } else if error.connectionErrors.contains(where: {
                ($0.error as? IOError)?.errnoCode == connectionRefusedCode
            }) {
                self = .refused
            } else {
                self = .other(reasons[0])
            }
        } else if error is ChannelError {
            self = .other("cannot connect")
        } else {
            self = .other("\(error)")
        }
    }
}

/// ECONNREFUSED of Linux and of the BSDs, without importing the C library for one number.
#if os(Linux)
    private let connectionRefusedCode: Int32 = 111
#else
    private let connectionRefusedCode: Int32 = 61
#endif

extension ServerQuestionError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .refused: "connection refused"
        case .unknownHost: "unknown host"
        case .timedOut(let timeout):
            "no answer within \(timeout.components.seconds * 1000 + timeout.components.attoseconds / 1_000_000_000_000_000) ms"
        case .connectionLost: "the connection was closed without an answer"
        case .answerTooLong(let max): "the answer is longer than \(max) bytes"
        case .other(let reason): reason
        }
    }
}

/// Writes the request when the connection is there and fulfils the promise when the server has closed it.
private final class AnswerGatherer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let request: [UInt8]
    private let answer: EventLoopPromise<[UInt8]>
    private let bytesMax: Int
    private var gathered: [UInt8] = []

    init(request: [UInt8], answer: EventLoopPromise<[UInt8]>, bytesMax: Int) {
        self.request = request
        self.answer = answer
        self.bytesMax = bytesMax
    }

    func channelActive(context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: request)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        guard gathered.count + buffer.readableBytes <= bytesMax else {
            answer.fail(ServerQuestionError.answerTooLong(bytesMax: bytesMax))
            return
        }
        gathered.append(contentsOf: buffer.readableBytesView)
    }

    func channelInactive(context: ChannelHandlerContext) {
        answer.succeed(gathered)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A server that closes with our last bytes unread resets the connection; what it said is whole all the same.
        if gathered.isEmpty {
            answer.fail(ServerQuestionError.connectionLost)
        } else {
            answer.succeed(gathered)
        }
        context.close(promise: nil)
    }
}
