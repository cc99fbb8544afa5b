import Logging
import NIOCore
import NIOPosix
import ZKTree

/// A ZooKeeper-compatible server in this process.
///
/// ```swift
/// let server = try await EmbeddedServer.start(ServerConfiguration())
/// print("listening on port \(server.port)")
/// try await server.shutdown()
/// ```
public final class EmbeddedServer: Sendable {
    private let core: ServerCore
    private let group: MultiThreadedEventLoopGroup
    private let listener: any Channel
    private let stopped = StopSignal()
    private let expiryTask: RepeatedTask

    /// The port that the server listens on.
    public let port: Int

    private init(
        core: ServerCore, group: MultiThreadedEventLoopGroup, listener: any Channel, port: Int, expiryTask: RepeatedTask
    ) {
        self.core = core
        self.group = group
        self.listener = listener
        self.port = port
        self.expiryTask = expiryTask
    }

    /// Starts a server and returns when it listens.
    public static func start(_ configuration: ServerConfiguration) async throws -> EmbeddedServer {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: configuration.eventLoopCount)
        do {
            var options = TreeOptions()
            options.extendedTypesEnabled = configuration.extendedTypesEnabled
            options.digestEnabled = configuration.digestEnabled
            options.enforceQuota = configuration.enforceQuota
            options.skipACL = configuration.skipACL
            options.extraSchemes = configuration.extraSchemes
            let core = ServerCore(
                configuration: configuration, tree: ZnodeTree(options: options),
                loops: Array(group.makeIterator()))
            let listener = try await Listener.bind(core: core, group: group)
            guard let port = listener.localAddress?.port else {
                preconditionFailure("a TCP socket that listens has a port")
            }
            let tick = TimeAmount.milliseconds(Int64(max(1, configuration.tickMillis / 2)))
            let expiryTask = group.next().scheduleRepeatedTask(initialDelay: tick, delay: tick) { _ in
                core.expireSessions()
            }
            return EmbeddedServer(core: core, group: group, listener: listener, port: port, expiryTask: expiryTask)
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
    }

    /// Stops listening, closes every connection and returns when all is stopped. Sessions are not closed.
    public func shutdown() async throws {
        expiryTask.cancel()
        try? await listener.close()
        try await group.shutdownGracefully()
        stopped.stop()
    }

    /// Returns when the server has stopped.
    public func waitUntilStopped() async throws {
        try await stopped.wait()
    }
}

extension ServerConfiguration {
    /// One loop leaves the second core to the log thread; beyond that, reads get half of the cores.
    var eventLoopCount: Int {
        if let eventLoops { return max(1, eventLoops) }
        return System.coreCount <= 2 ? 1 : System.coreCount / 2
    }
}
