import NIOCore
import NIOHTTP1
import NIOPosix

/// The HTTP server of `/commands` and `/metrics`. Off unless asked for, and on loopback unless told otherwise.
enum AdminServer {
    static func bind(
        _ http: ServerConfiguration.HTTP, commands: AdminCommands?, core: ServerCore, group: MultiThreadedEventLoopGroup
    ) async throws -> any Channel {
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(DescriptorWait(logger: core.logger))
                }
            }
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try addConnection(to: channel, http, commands, core) }
            }
        do {
            return try await bootstrap.bind(host: http.host, port: http.port).get()
        } catch {
            throw ListenError(commands == nil ? .metrics : .admin, host: http.host, port: http.port, error)
        }
    }

    private static func addConnection(
        to channel: any Channel, _ http: ServerConfiguration.HTTP, _ commands: AdminCommands?, _ core: ServerCore
    ) throws {
        guard core.httpConnections.admit() else { throw ConnectionRefused() }
        channel.closeFuture.whenComplete { _ in core.httpConnections.leave() }
        try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: true)
        try channel.pipeline.syncOperations.addHandler(AdminHandler(http, commands: commands, core: core))
    }
}

/// Answers one request after the other of an HTTP connection.
private final class AdminHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let commands: AdminCommands?
    private let core: ServerCore
    private let http: ServerConfiguration.HTTP
    private var head: HTTPRequestHead?
    private var deadline: Scheduled<Void>?

    init(_ http: ServerConfiguration.HTTP, commands: AdminCommands?, core: ServerCore) {
        self.http = http
        self.commands = commands
        self.core = core
    }

    func channelActive(context: ChannelHandlerContext) {
        expectProgress(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        deadline?.cancel()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body: break
        case .end:
            guard let head else { return }
            self.head = nil
            // A snapshot may take its time.
            deadline?.cancel()
            answer(HTTPExchange(channel: context.channel, head: head))
        }
    }

    /// Each part that the peer has taken gives it time for the next one.
    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        expectProgress(context)
        let promise = promise ?? context.eventLoop.makePromise()
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        promise.futureResult.whenSuccess {
            let (handler, context) = bound.value
            if context.channel.isActive { handler.expectProgress(context) }
        }
        context.write(data, promise: promise)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    /// Bytes alone are no progress: a request that comes one byte at a time does not keep its connection.
    private func expectProgress(_ context: ChannelHandlerContext) {
        deadline?.cancel()
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        deadline = context.eventLoop.scheduleTask(in: .milliseconds(Int64(http.idleMillisMax))) {
            bound.value.close(promise: nil)
        }
    }

    private func answer(_ exchange: HTTPExchange) {
        let target = HTTPTarget(exchange.head.uri)
        guard exchange.head.method == .GET || exchange.head.method == .HEAD else {
            return exchange.send(
                .methodNotAllowed, type: "text/plain", headers: ["Allow": "GET, HEAD"], "only GET is answered\n")
        }
        // Not on the loop, whose clients would wait for the disk that is asked about.
        let (commands, core, http) = (commands, core, http)
        NIOThreadPool.singleton.submit { _ in Self.answer(exchange, target, commands, core, http) }
    }

    private static func answer(
        _ exchange: HTTPExchange, _ target: HTTPTarget, _ commands: AdminCommands?, _ core: ServerCore,
        _ http: ServerConfiguration.HTTP
    ) {
        if target.path == "/metrics" {
            return exchange.send(
                .ok, type: "text/plain; version=0.0.4; charset=utf-8", core.reportWithFiles().prometheusText)
        }
        guard let commands, target.path == http.commandPath || target.path.hasPrefix(http.commandPath + "/") else {
            return exchange.send(.notFound, type: "text/plain", "not found\n")
        }
        let name = target.path.dropFirst(http.commandPath.count + 1)
        if name.isEmpty {
            let links = AdminCommands.names.map { "<a href=\"\(http.commandPath)/\($0)\">\($0)</a>\n<br/>\n" }
            return exchange.send(.ok, type: "text/html;charset=utf-8", links.joined())
        }
        let response = commands.run(
            String(name), query: target.query, authorization: exchange.head.headers.first(name: "Authorization"))
        if response.takesSnapshot {
            return SnapshotResponse(exchange: exchange, isStreamed: target.query["streaming"] != "false")
                .start(commands)
        }
        exchange.send(
            HTTPResponseStatus(statusCode: response.status), type: "application/json", response.body.text)
    }
}
