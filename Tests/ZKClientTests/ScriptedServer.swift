import NIOCore
import NIOPosix
import NIOSSL
import Support
import Synchronization
import ZKCore
import ZKWire

/// A server on a free port of loopback that does what a test tells it, frame by frame.
final class ScriptedServer: Sendable {
    let port: Int
    private let channel: any Channel
    private let connections: Mailbox<ScriptedConnection>

    var connectString: String { "127.0.0.1:\(port)" }

    static func start(
        tls: NIOSSLContext? = nil, host: String = "127.0.0.1", port: Int = 0
    ) async throws -> ScriptedServer {
        let connections = Mailbox<ScriptedConnection>()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
                    let connection = ScriptedConnection(channel: channel)
                    try channel.pipeline.syncOperations.addHandler(FrameCollector(frames: connection.frames))
                    connections.put(connection)
                }
            }
            .bind(host: host, port: port).get()
        return ScriptedServer(channel: channel, connections: connections)
    }

    private init(channel: any Channel, connections: Mailbox<ScriptedConnection>) {
        self.channel = channel
        self.connections = connections
        port = channel.localAddress?.port ?? 0
    }

    deinit {
        channel.close(promise: nil)
    }

    /// From now on the port refuses.
    func stopListening() async throws {
        try await channel.close()
    }

    /// The next connection that somebody opens.
    func accept() async throws -> ScriptedConnection {
        guard let connection = try await connections.take("a connection") else { throw ScriptedConnection.Closed() }
        return connection
    }

    /// Accepts a connection and grants a session.
    func acceptSession(
        sessionID: Int64 = 7, timeoutMillis: Int32 = 30_000
    ) async throws -> (connection: ScriptedConnection, request: ConnectRequest) {
        let connection = try await accept()
        let request = try await connection.greet(sessionID: sessionID, timeoutMillis: timeoutMillis)
        return (connection, request)
    }
}

/// The server's end of one connection.
final class ScriptedConnection: Sendable {
    struct Closed: Error {}

    struct Request {
        var header: RequestHeader
        var body: ByteBuffer

        func decode<Record: JuteRecord>(_ type: Record.Type) throws -> Record {
            var body = body
            return try Record(decoding: &body)
        }
    }

    private let channel: any Channel
    let frames = Mailbox<ByteBuffer>()

    init(channel: any Channel) {
        self.channel = channel
    }

    /// The next frame without its length; nil when the client has ended its side.
    func frame() async throws -> ByteBuffer? {
        try await frames.take("a frame")
    }

    /// Reads the connect request and grants what is given.
    @discardableResult
    func greet(
        sessionID: Int64 = 7, timeoutMillis: Int32 = 30_000, isReadOnly: Bool = false
    ) async throws -> ConnectRequest {
        guard var frame = try await frame() else { throw Closed() }
        let request = try ConnectRequest(decoding: &frame)
        let response = ConnectResponse(
            timeoutMillis: timeoutMillis, sessionID: sessionID, password: [UInt8](repeating: 5, count: 16),
            readOnly: isReadOnly)
        send { response.encode(into: &$0) }
        return request
    }

    /// The next request that is not a ping.
    func request() async throws -> Request {
        while var frame = try await frame() {
            let header = try RequestHeader(decoding: &frame)
            if header.type != .ping { return Request(header: header, body: frame) }
        }
        throw Closed()
    }

    /// The next request, which must have this type.
    func request(_ type: OpCode) async throws -> Request {
        let request = try await request()
        guard request.header.type == type else { throw Unexpected(type: request.header.type, expected: type) }
        return request
    }

    struct Unexpected: Error {
        let type: OpCode
        let expected: OpCode
    }

    func reply(
        to request: Request, zxid: Int64 = 1, error: ErrorCode = .ok, _ body: (any JuteRecord)? = nil
    ) {
        send {
            ReplyHeader(xid: request.header.xid, zxid: Zxid(rawValue: zxid), err: error).encode(into: &$0)
            body?.encode(into: &$0)
        }
    }

    func notify(_ type: EventType, _ path: UString, zxid: Int64 = 1) {
        send {
            ReplyHeader(xid: XID.notification, zxid: Zxid(rawValue: zxid), err: .ok).encode(into: &$0)
            WatcherEvent(type: type.rawValue, state: KeeperState.syncConnected.rawValue, path: path).encode(into: &$0)
        }
    }

    func send(_ write: (inout ByteBuffer) -> Void) {
        var buffer = ByteBuffer()
        Frame.write(to: &buffer, write)
        sendBytes(buffer)
    }

    /// Answers requests with what `answer` gives until the connection ends; nil is left without an answer.
    func serve(_ answer: (Request) throws -> (any JuteRecord)?) async {
        while let request = try? await request() {
            if let body = try? answer(request) { reply(to: request, body) }
        }
    }

    func sendBytes(_ buffer: ByteBuffer) {
        channel.writeAndFlush(buffer, promise: nil)
    }

    func close() async {
        try? await channel.close()
    }
}

/// Elements for one task that waits for them; nil is the end. A wait that is cancelled loses nothing.
final class Mailbox<Element: Sendable>: Sendable {
    private struct State {
        var elements: [Element] = []
        var isFinished = false
        var waiter: CheckedContinuation<Element?, any Error>?
    }

    private let state = Mutex(State())

    func put(_ element: Element) {
        let waiter = state.withLock { state in
            if state.waiter == nil { state.elements.append(element) }
            return state.waiter.take()
        }
        waiter?.resume(returning: element)
    }

    func finish() {
        let waiter = state.withLock { state in
            state.isFinished = true
            return state.waiter.take()
        }
        waiter?.resume(returning: nil)
    }

    func take(_ what: String) async throws -> Element? {
        try await withTimeLimit(.seconds(20), what) { try await self.next() }
    }

    private func next() async throws -> Element? {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let result = state.withLock { state -> Result<Element?, any Error>? in
                    if !state.elements.isEmpty { return .success(state.elements.removeFirst()) }
                    if state.isFinished { return .success(nil) }
                    if Task.isCancelled { return .failure(CancellationError()) }
                    state.waiter = continuation
                    return nil
                }
                if let result { continuation.resume(with: result) }
            }
        } onCancel: {
            state.withLock { $0.waiter.take() }?.resume(throwing: CancellationError())
        }
    }
}

private final class FrameCollector: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let frames: Mailbox<ByteBuffer>
    private var buffer = ByteBuffer()

    init(frames: Mailbox<ByteBuffer>) {
        self.frames = frames
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var part = unwrapInboundIn(data)
        buffer.writeBuffer(&part)
        while let frame = try? Frame.cut(from: &buffer, bytesMax: 1 << 30) {
            frames.put(frame)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        frames.finish()
    }
}
