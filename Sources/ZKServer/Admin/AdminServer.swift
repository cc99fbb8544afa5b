import NIOCore
import NIOHTTP1
import NIOPosix

/// The HTTP server of `/commands` and `/metrics`. Off unless asked for, and on loopback unless told otherwise.
enum AdminServer {
    static func bind(
        _ http: ServerConfiguration.HTTP, commands: AdminCommands?, core: ServerCore, group: MultiThreadedEventLoopGroup
    ) async throws -> any Channel {
        let path = http.commandPath
        return try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: true)
                    try channel.pipeline.syncOperations.addHandler(
                        AdminHandler(commands: commands, core: core, commandPath: path))
                }
            }
            .bind(host: http.host, port: http.port).get()
    }
}

/// Answers one request after the other of an HTTP connection.
private final class AdminHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let commands: AdminCommands?
    private let core: ServerCore
    private let commandPath: String
    private var head: HTTPRequestHead?

    init(commands: AdminCommands?, core: ServerCore, commandPath: String) {
        self.commands = commands
        self.core = core
        self.commandPath = commandPath
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body: break
        case .end:
            guard let head else { return }
            self.head = nil
            answer(head, context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func answer(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let parts = head.uri.split(separator: "?", maxSplits: 1).map(String.init)
        let path = parts.first ?? "/"
        guard head.method == .GET || head.method == .HEAD else {
            return send(context, head, status: .methodNotAllowed, type: "text/plain", "only GET is answered\n")
        }
        if path == "/metrics" {
            let text = core.lock.withExclusive { core.report() }.prometheusText
            return send(context, head, status: .ok, type: "text/plain; version=0.0.4; charset=utf-8", text)
        }
        guard let commands, path == commandPath || path.hasPrefix(commandPath + "/") else {
            return send(context, head, status: .notFound, type: "text/plain", "not found\n")
        }
        let name = path.dropFirst(commandPath.count + 1)
        if name.isEmpty {
            let links = AdminCommands.names.map { "<a href=\"\(commandPath)/\($0)\">\($0)</a>\n<br/>\n" }
            return send(context, head, status: .ok, type: "text/html;charset=utf-8", links.joined())
        }
        let query = Self.query(parts.count > 1 ? parts[1] : "")
        let response = commands.run(
            String(name), query: query, authorization: head.headers.first(name: "Authorization"))
        if response.takesSnapshot {
            return SnapshotResponse(channel: context.channel, head: head, isStreamed: query["streaming"] != "false")
                .start(commands)
        }
        send(
            context, head, status: HTTPResponseStatus(statusCode: response.status), type: "application/json",
            response.body.text)
    }

    private static func query(_ text: String) -> [String: String] {
        var values: [String: String] = [:]
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
            values[parts[0]] = parts.count > 1 ? parts[1] : ""
        }
        return values
    }

    private func send(
        _ context: ChannelHandlerContext, _ head: HTTPRequestHead, status: HTTPResponseStatus, type: String,
        _ text: String
    ) {
        let body = ByteBuffer(string: text)
        var headers = HTTPHeaders([("Content-Type", type), ("Content-Length", "\(body.readableBytes)")])
        if !head.isKeepAlive { headers.add(name: "Connection", value: "close") }
        context.write(
            wrapOutboundOut(.head(HTTPResponseHead(version: head.version, status: status, headers: headers))),
            promise: nil)
        if head.method == .GET { context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil) }
        guard head.isKeepAlive else {
            let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
            context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in bound.value.close(promise: nil) }
            return
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
}
