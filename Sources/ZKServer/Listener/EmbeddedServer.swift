import Logging
import NIOCore
import NIOPosix
import Synchronization
import ZKCore
import ZKStore
import ZKTree

/// A ZooKeeper-compatible server in this process.
///
/// ```swift
/// let server = try await EmbeddedServer.start(ServerConfiguration())
/// print("listening on port \(server.port)")
/// try await server.shutdown()
/// ```
public final class EmbeddedServer: Sendable {
    let core: ServerCore
    private let group: MultiThreadedEventLoopGroup
    private let listeners: [any Channel]
    private let stopped: StopSignal
    private let persistence: Persistence?
    private let expiryTask: RepeatedTask
    private let logQueue: LogQueue
    private let isShuttingDown = Mutex(false)

    /// The port that the server listens on without TLS; without such a port that with TLS.
    public let port: Int
    /// The port that the server listens on with TLS; nil when it does not.
    public let securePort: Int?
    /// The port of the admin server; nil when it is off.
    public let adminPort: Int?
    /// The port of the server of metrics; nil when it is off.
    public let metricsPort: Int?

    private init(
        core: ServerCore, persistence: Persistence?, group: MultiThreadedEventLoopGroup, listeners: [any Channel],
        port: Int, securePort: Int?, expiryTask: RepeatedTask, stopped: StopSignal, adminPort: Int?, metricsPort: Int?,
        logQueue: LogQueue
    ) {
        self.logQueue = logQueue
        self.adminPort = adminPort
        self.metricsPort = metricsPort
        self.persistence = persistence
        self.stopped = stopped
        self.core = core
        self.group = group
        self.listeners = listeners
        self.port = port
        self.securePort = securePort
        self.expiryTask = expiryTask
    }

    /// Starts a server and returns when it listens.
    public static func start(_ configuration: ServerConfiguration) async throws -> EmbeddedServer {
        let logQueue = LogQueue(configuration.logger)
        var configuration = configuration
        configuration.logger = logQueue.logger
        do {
            return try await start(configuration, logQueue)
        } catch {
            logQueue.stop()
            throw error
        }
    }

    private static func start(
        _ configuration: ServerConfiguration, _ logQueue: LogQueue
    ) async throws -> EmbeddedServer {
        // Before anything is made or opened, since a wrong file is a common mistake.
        try configuration.checkSessionTimeouts()
        let tls = try configuration.tls.map(TLSAcceptor.init)
        guard configuration.listensPlain || tls != nil else {
            throw ConfigurationError("there is no port to listen on: neither a plain one nor one with TLS.")
        }
        for notice in configuration.securityNotices { configuration.logger.warning("\(notice)") }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: configuration.eventLoopCount)
        do {
            let stopped = StopSignal()
            let (core, persistence) = try makeCore(
                configuration, group: group, stopped: stopped, logQueue: logQueue)
            let channels: (plain: (any Channel)?, secure: (any Channel)?)
            var adminPort: Int?
            var metricsPort: Int?
            do {
                if configuration.admin.isEnabled {
                    let commands = AdminCommands(core: core, persistence: persistence)
                    adminPort = try await AdminServer.bind(
                        configuration.admin, commands: commands, core: core, group: group
                    ).localAddress?.port
                }
                if configuration.metrics.isEnabled {
                    metricsPort = try await AdminServer.bind(
                        configuration.metrics, commands: nil, core: core, group: group
                    ).localAddress?.port
                }
                channels = try await Listener.bindAll(core: core, group: group, tls: tls)
            } catch {
                persistence?.stop(core)
                throw error
            }
            let securePort = channels.secure?.localAddress?.port
            guard let port = channels.plain?.localAddress?.port ?? securePort else {
                preconditionFailure("a TCP socket that listens has a port")
            }
            // Sessions expire at the end of a tick. A look now and then within it keeps what is late small.
            let pause = TimeAmount.milliseconds(Int64(max(1, min(100, configuration.tickMillis / 10))))
            let expiryTask = group.next().scheduleRepeatedTask(initialDelay: pause, delay: pause) { _ in
                core.expireSessions()
            }
            let check = TimeAmount.milliseconds(Int64(max(1, configuration.containerCheckMillis)))
            group.next().scheduleRepeatedTask(initialDelay: check, delay: check) { _ in core.reapContainers() }
            persistence?.schedulePurge(core, on: group.next())
            core.lock.withExclusive {
                core.listeningPort = channels.plain?.localAddress?.port ?? -1
                core.secureListeningPort = securePort ?? -1
            }
            return EmbeddedServer(
                core: core, persistence: persistence, group: group,
                listeners: [channels.plain, channels.secure].compactMap(\.self), port: port, securePort: securePort,
                expiryTask: expiryTask, stopped: stopped, adminPort: adminPort, metricsPort: metricsPort,
                logQueue: logQueue)
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
    }

    private static func makeCore(
        _ configuration: ServerConfiguration, group: MultiThreadedEventLoopGroup, stopped: StopSignal,
        logQueue: LogQueue
    ) throws -> (ServerCore, Persistence?) {
        var options = TreeOptions()
        options.extendedTypesEnabled = configuration.extendedTypesEnabled
        options.digestEnabled = configuration.digestEnabled
        options.enforceQuota = configuration.enforceQuota
        options.skipACL = configuration.skipACL
        options.extraSchemes = configuration.registeredSchemes
        options.hasDigestScheme = configuration.hasDigestScheme
        options.anySASLUser = configuration.anySASLUser.map { UString($0) }
        options.recordBytesMax = configuration.recordBytesMax
        let loops = Array(group.makeIterator())
        guard let path = configuration.dataDirectory else {
            return (ServerCore(configuration: configuration, tree: ZnodeTree(options: options), loops: loops), nil)
        }
        let (persistence, recovery) = try Persistence.open(configuration, path: path, treeOptions: options)
        let core = ServerCore(
            configuration: configuration, tree: recovery.takeTree(lastZxid: persistence.report.lastZxid), loops: loops)
        try persistence.start(core) { error in
            configuration.logger.critical(
                "the disk failed: nothing more is acknowledged", metadata: ["error": "\(error)"])
            core.closeAllConnections()
            // The process most often ends with this.
            logQueue.flush()
            stopped.stop(.failure(error))
        }
        return (core, persistence)
    }

    /// Stops listening, finishes and syncs what was asked for, closes every connection and returns when all is done.
    /// Sessions are not closed: they go on when the server starts again in time.
    public func shutdown() async throws {
        let isFirst = isShuttingDown.withLock { started in
            defer { started = true }
            return !started
        }
        guard isFirst else { return try await stopped.wait() }
        expiryTask.cancel()
        for listener in listeners { try? await listener.close() }
        core.stopTakingRequests()
        if let persistence {
            let core = core
            await SystemThread.run { persistence.stop(core) }
        }
        try await group.shutdownGracefully()
        await SystemThread.run { [logQueue] in logQueue.stop() }
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
