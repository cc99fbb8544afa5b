import NIOCore
import NIOPosix

/// The listening socket and the connections that come from it.
enum Listener {
    /// Listens on the plain port, if there is one, and on that with TLS, if there is one.
    static func bindAll(
        core: ServerCore, group: MultiThreadedEventLoopGroup, tls: TLSAcceptor?
    ) async throws -> (plain: (any Channel)?, secure: (any Channel)?) {
        let configuration = core.configuration
        let plain =
            configuration.listensPlain
            ? try await bind(core: core, group: group, host: configuration.host, port: configuration.port, tls: nil)
            : nil
        guard let options = configuration.tls, let tls else { return (plain, nil) }
        do {
            let host = options.host ?? configuration.host
            return (plain, try await bind(core: core, group: group, host: host, port: options.port, tls: tls))
        } catch {
            try? await plain?.close()
            throw error
        }
    }

    private static func bind(
        core: ServerCore, group: MultiThreadedEventLoopGroup, host: String, port: Int, tls: TLSAcceptor?
    ) async throws -> any Channel {
        let configuration = core.configuration
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.backlog, value: Int32(configuration.listenBacklog ?? 1024))
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(DescriptorWait(logger: configuration.logger))
                }
            }
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelOption(.socketOption(.so_keepalive), value: configuration.probesSilentClients ? 1 : 0)
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelOption(
                .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 2048, initial: 4096, maximum: 1 << 18)
            )
            // Who asks with a four-letter word and closes its own side still takes the answer. TLS has its own end.
            .childChannelOption(.allowRemoteHalfClosure, value: tls == nil)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try addConnection(to: channel, core: core, tls: tls) }
            }
        do {
            return try await bootstrap.bind(host: host, port: port).get()
        } catch {
            throw ListenError(tls == nil ? .client : .tls, host: host, port: port, error)
        }
    }

    /// How many connections leave descriptors for logs and snapshots, without which no write can be acknowledged, and
    /// for those that are accepted only to be refused.
    fileprivate static let connectionsBound = max(8, ProcessFacts.descriptorsMax - 48)

    private static func addConnection(to channel: any Channel, core: ServerCore, tls: TLSAcceptor?) throws {
        let peer = PeerAddress(channel.remoteAddress)
        guard core.admitConnection(from: peer.host) else { throw ConnectionRefused() }
        let loopIndex = core.loops.firstIndex { $0.eventLoop === channel.eventLoop } ?? 0
        let connection = Connection(
            core: core, loopIndex: loopIndex, peer: peer, isTLS: tls != nil)
        try tls?.addHandlers(to: channel, connection: connection, core: core)
        try channel.pipeline.syncOperations.addHandler(connection)
    }
}

/// Too many connections: the channel is closed and nothing is sent.
struct ConnectionRefused: Error {}

extension ServerCore {
    /// Counts a new connection in, unless its address or the server has enough.
    func admitConnection(from address: String) -> Bool {
        lock.withExclusive {
            let count = connectionsByAddress[address, default: 0]
            let perAddress = configuration.connectionsPerAddressMax
            if perAddress > 0, count >= perAddress {
                connectionsRejected += 1
                return false
            }
            let configured = configuration.connectionsMax > 0 ? configuration.connectionsMax : Int.max
            let hasHTTP = configuration.admin.isEnabled || configuration.metrics.isEnabled
            let bound = Listener.connectionsBound - (hasHTTP ? HTTPConnections.most : 0)
            if openConnections.count >= min(configured, max(8, bound)) {
                connectionsRejected += 1
                return false
            }
            connectionsByAddress[address] = count + 1
            return true
        }
    }
}
