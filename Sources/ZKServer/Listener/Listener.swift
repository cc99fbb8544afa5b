import NIOCore
import NIOPosix

/// The listening socket and the connections that come from it.
enum Listener {
    static func bind(core: ServerCore, group: MultiThreadedEventLoopGroup) async throws -> any Channel {
        let configuration = core.configuration
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.backlog, value: Int32(configuration.listenBacklog ?? 1024))
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    // Without descriptors left, accept fails at once: wait before the next try.
                    try channel.pipeline.syncOperations.addHandler(AcceptBackoffHandler())
                }
            }
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelOption(
                .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 2048, initial: 4096, maximum: 1 << 18)
            )
            .childChannelOption(.allowRemoteHalfClosure, value: false)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try addConnection(to: channel, core: core) }
            }
        return try await bootstrap.bind(host: configuration.host, port: configuration.port).get()
    }

    private static func addConnection(to channel: any Channel, core: ServerCore) throws {
        let address = channel.remoteAddress?.ipAddress ?? ""
        guard core.admitConnection(from: address) else { throw ConnectionRefused() }
        let loopIndex = core.loops.firstIndex { $0.eventLoop === channel.eventLoop } ?? 0
        let connection = Connection(
            core: core, loopIndex: loopIndex, address: address, remotePort: channel.remoteAddress?.port ?? 0,
            isTLS: false)
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
            if configuration.connectionsMax > 0, openConnections.count >= configuration.connectionsMax {
                connectionsRejected += 1
                return false
            }
            connectionsByAddress[address] = count + 1
            return true
        }
    }
}
