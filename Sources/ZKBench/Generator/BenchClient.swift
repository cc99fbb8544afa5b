internal import NIOCore
internal import NIOPosix
internal import ZKCore
internal import ZKWire

/// A connection that can be reached from tasks.
struct BenchClient<Source: RequestSource>: Sendable {
    private let channel: any Channel
    private let handler: NIOLoopBound<PipelinedConnection<Source>>
    private let source: NIOLoopBound<Source>

    /// Connects and waits for the session.
    static func connect(
        to options: BenchOptions, on loop: any EventLoop, depth: Int,
        makeSource: @escaping @Sendable (any EventLoop) -> Source
    ) async throws -> Self {
        let handshakeDone = loop.makePromise(of: Void.self)
        let client: Self
        do {
            client = try await ClientBootstrap(group: loop)
                .channelOption(.socketOption(.tcp_nodelay), value: 1)
                .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 128 << 10))
                .connectTimeout(.seconds(5))
                .connect(host: options.host, port: options.port) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let source = makeSource(channel.eventLoop)
                        let handler = PipelinedConnection(
                            source: source, depth: depth, handshakeDone: handshakeDone)
                        try channel.pipeline.syncOperations.addHandler(handler)
                        return BenchClient(
                            channel: channel, handler: NIOLoopBound(handler, eventLoop: channel.eventLoop),
                            source: NIOLoopBound(source, eventLoop: channel.eventLoop))
                    }
                }
        } catch {
            handshakeDone.fail(error)
            throw BenchError("cannot connect to \(options.host):\(options.port): \(error)")
        }
        do {
            try await handshakeDone.futureResult.get()
        } catch let error as BenchError where error.isEarlyClose && options.connections > 1 {
            throw BenchError(
                "the server closed a connection before it granted a session; \(options.connections) may be more than it "
                    + "takes from one address: maxClientCnxns, 60 unless set (0 for any number)")
        }
        return client
    }

    /// Runs `body` on the event loop, then sends what may be sent.
    func poke(_ body: @escaping @Sendable (Source) -> Void) {
        channel.eventLoop.execute {
            body(source.value)
            handler.value.sendMore()
        }
    }

    func read<Value: Sendable>(_ body: @escaping @Sendable (Source) -> Value) async throws -> Value {
        try await channel.eventLoop.submit { body(source.value) }.get()
    }

    func close() async {
        channel.eventLoop.execute { handler.value.close() }
        try? await channel.closeFuture.get()
    }
}

extension BenchClient<ScriptSource> {
    /// Sends the requests and waits for all replies.
    func run(_ requests: [ScriptRequest]) async throws -> [ScriptReply] {
        guard !requests.isEmpty else { return [] }
        let completion = channel.eventLoop.makePromise(of: [ScriptReply].self)
        poke { $0.load(requests, completion) }
        return try await completion.futureResult.get()
    }

    func create(_ path: String, data: [UInt8] = []) -> ScriptRequest {
        ScriptRequest(
            type: .create, body: CreateRequest(path: UString(path), data: data, acl: .openUnsafe, flags: 0))
    }

    /// The stats of the znodes; throws when one is missing.
    func stats(of paths: [String]) async throws -> [Stat] {
        let replies = try await run(
            paths.map { ScriptRequest(type: .exists, body: ExistsRequest(path: UString($0), watch: false)) })
        return try zip(paths, replies).map { path, reply in
            guard reply.err == .ok else { throw BenchError("exists \(path): \(reply.err)") }
            return try reply.decode(ExistsResponse.self).stat
        }
    }

    /// Deletes the znode and everything below it.
    func deleteAll(_ path: String) async throws {
        var levels = [[path]]
        while let last = levels.last {
            let replies = try await run(
                last.map {
                    ScriptRequest(type: .getChildren, body: GetChildrenRequest(path: UString($0), watch: false))
                })
            var children: [String] = []
            for (parent, reply) in zip(last, replies) where reply.err == .ok {
                children += try reply.decode(GetChildrenResponse.self).children.map { "\(parent)/\($0.string)" }
            }
            if children.isEmpty { break }
            levels.append(children)
        }
        for level in levels.reversed() {
            _ = try await run(
                level.map { ScriptRequest(type: .delete, body: DeleteRequest(path: UString($0), version: -1)) })
        }
    }
}
