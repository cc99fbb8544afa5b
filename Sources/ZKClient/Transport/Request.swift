internal import NIOCore
internal import Synchronization
internal import ZKCore
internal import ZKWire

/// A request from its call to its reply.
///
/// `@unchecked Sendable`: the fields that change are written by the caller before `SessionDriver.submit`, under the
/// lock of the submissions while the request is queued there, and on the event loop from then on. Only the event loop
/// (or `submit` itself, when it refuses) delivers the outcome, once.
class Request: @unchecked Sendable {
    /// Why there is no reply.
    struct Failure: Sendable {
        enum Cause: Sendable {
            case connectionLost(reason: String)
            /// With the reason why there is no connection, if there is none.
            case timedOut(reason: String?)
            case over(SessionEnd)
            case replyTooLong(bytes: Int, bytesMax: Int)

            var code: ErrorCode {
                switch self {
                case .connectionLost: .connectionLoss
                case .timedOut: .operationTimeout
                case .over(.authFailed): .authFailed
                case .over(.closed): .clientClosed
                case .over(.unusable): .badArguments
                case .over: .sessionExpired
                case .replyTooLong: .marshallingError
                }
            }
        }

        var cause: Cause
        /// Whether the server may have got the request.
        var isWritten: Bool
    }

    enum Outcome: Sendable {
        /// The body is empty unless `error` is `.ok`.
        case reply(ReplyHeader, body: ByteBuffer)
        case failure(Failure)
        case cancelled
    }

    private enum Meeting {
        case empty
        case outcome(Outcome)
        case caller(UnsafeContinuation<Outcome, Never>)
    }

    enum Stage {
        case new
        case queued
        case written
        case resolved
    }

    /// How often a read is sent again after a lost connection, so that a read which kills its server ends too.
    static let retriesMax = 3

    let type: OpCode
    /// As the server sees it, for watches and the trace.
    let path: ZnodePath?
    /// Whether it may be sent twice.
    let isRead: Bool
    let watch: WatchRegistration?
    let deadline: NIODeadline

    var xid: Int32 = 0
    var stage = Stage.new
    var retries = 0
    /// By the driver's clock.
    var sentAt: Int64 = 0
    /// The whole frame's length, once it is encoded.
    var frameBytes = 0
    /// Where the outcome and the caller meet; either may be first.
    private let meeting = Mutex(Meeting.empty)
    /// Called on the event loop, for what the client sends on its own account.
    var onOutcome: ((Outcome) -> Void)?

    init(
        type: OpCode, path: ZnodePath?, isRead: Bool, watch: WatchRegistration? = nil, deadline: NIODeadline
    ) {
        self.type = type
        self.path = path
        self.isRead = isRead
        self.watch = watch
        self.deadline = deadline
    }

    func encodeBody(into buffer: inout ByteBuffer) {}

    final func encodeFrame(into buffer: inout ByteBuffer) {
        let start = buffer.writerIndex
        buffer.writeInteger(0, as: Int32.self)
        buffer.writeInteger(xid)
        buffer.writeInteger(type.rawValue)
        encodeBody(into: &buffer)
        frameBytes = buffer.writerIndex - start
        buffer.setInteger(Int32(frameBytes - 4), at: start)
    }

    /// Gives the caller its outcome. Later ones are swallowed.
    final func resolve(_ outcome: Outcome) {
        guard stage != .resolved else { return }
        stage = .resolved
        deliver(outcome)
        onOutcome?(outcome)
        onOutcome = nil
    }

    /// Hands over the outcome, once.
    final func deliver(_ outcome: Outcome) {
        let caller = meeting.withLock { meeting -> UnsafeContinuation<Outcome, Never>? in
            if case .caller(let continuation) = meeting { return continuation }
            meeting = .outcome(outcome)
            return nil
        }
        caller?.resume(returning: outcome)
    }

    /// Waits for the outcome. For one caller, once.
    final func outcome() async -> Outcome {
        await withUnsafeContinuation { continuation in
            let outcome = meeting.withLock { meeting -> Outcome? in
                if case .outcome(let outcome) = meeting { return outcome }
                meeting = .caller(continuation)
                return nil
            }
            if let outcome { continuation.resume(returning: outcome) }
        }
    }
}

/// A request with the record that is its body.
final class RecordRequest<Body: JuteRecord>: Request, @unchecked Sendable {
    private let body: Body

    init(
        type: OpCode, path: ZnodePath?, isRead: Bool, watch: WatchRegistration? = nil, deadline: NIODeadline, body: Body
    ) {
        self.body = body
        super.init(type: type, path: path, isRead: isRead, watch: watch, deadline: deadline)
    }

    override func encodeBody(into buffer: inout ByteBuffer) {
        body.encode(into: &buffer)
    }
}

/// Adds an identity to the session. Its credentials belong to every connection from the moment it is written.
final class AuthRequest: Request, @unchecked Sendable {
    let info: AuthInfo

    init(info: AuthInfo, deadline: NIODeadline) {
        self.info = info
        super.init(type: .auth, path: nil, isRead: true, deadline: deadline)
    }

    override func encodeBody(into buffer: inout ByteBuffer) {
        AuthPacket(type: 0, scheme: UString(info.scheme), auth: info.credentials).encode(into: &buffer)
    }
}
