internal import Synchronization
public import ZKClient
internal import ZKCore
internal import ZKRecipes
internal import ZKText

/// The shell's connection to its servers. It is made when the first command needs it.
public final class ShellConnection: Sendable {
    private struct State {
        var configuration: ClientConfiguration
        var connectTimeout: Duration?
        var createsChroot: Bool
        var client: ZooKeeperClient?
        /// Whether the chroot of `client` is known to exist.
        var hasChroot = false
        /// After `close`: commands fail until `connect`.
        var isClosedByUser = false
        /// Of ephemeral znodes, those that commands of this shell have created and not deleted.
        var ephemerals: Set<ZnodePath> = []
        var ownsEphemerals = false
        /// Tells the user what is waited for.
        var say: (@Sendable (String) -> Void)?
        var observers: [@Sendable (ZooKeeperClient) -> Void] = []
    }

    private let state: Mutex<State>

    /// - Throws: ``ShellError`` 2 when the options name no server.
    public init(options: ShellOptions) throws(ShellError) {
        let configuration = try ClientConfiguration(shellOptions: options)
        state = Mutex(
            State(
                configuration: configuration, connectTimeout: options.connectTimeout,
                createsChroot: options.createsChroot))
    }

    /// Called with each client that is made.
    func observeClients(_ body: @escaping @Sendable (ZooKeeperClient) -> Void) {
        state.withLock { $0.observers.append(body) }
    }

    /// Has `say` called when a command waits for a server longer than connecting takes.
    func tellOfWaiting(_ say: @escaping @Sendable (String) -> Void) {
        state.withLock { $0.say = say }
    }

    public var connectString: ConnectString { state.withLock { $0.configuration.connectString } }

    /// The client, connected or not; nil before the first command and after `close`.
    public var currentClient: ZooKeeperClient? { state.withLock { $0.client } }

    /// Whether no server has ever granted the session that commands wait for.
    var isUnreached: Bool { currentClient?.session.id == 0 }

    /// Whether the server has ended the session since it refuses credentials.
    var isRefused: Bool { currentClient?.state == .authFailed }

    /// The connected client.
    ///
    /// - Throws: ``ShellError`` 3 when no server is reached in time, or when the chroot does not exist (4).
    public func client() async throws -> ZooKeeperClient {
        let client = try openClient()
        if !client.state.isConnected {
            do {
                try await ServerSearch(
                    client: client, timeout: state.withLock { $0.connectTimeout }, say: state.withLock { $0.say }
                ).run()
            } catch let error as ZooKeeperError {
                throw unreachable(error)
            }
        }
        if state.withLock({ !$0.hasChroot && $0.configuration.connectString.chroot != nil }) {
            try await checkChroot(of: client)
        }
        return client
    }

    /// Begins to connect, without waiting.
    public func start() throws(ShellError) {
        _ = try openClient()
    }

    /// Ends the session, if there is one, and starts another.
    public func connect(to connectString: ConnectString?) async throws -> ZooKeeperClient {
        let old = state.withLock { state in
            if let connectString {
                state.configuration.turn(to: connectString, isUsed: state.client?.session.id ?? 0 != 0)
            }
            state.isClosedByUser = false
            state.hasChroot = false
            state.ephemerals = []
            defer { state.client = nil }
            return state.client
        }
        await old?.close()
        return try await client()
    }

    /// Ends the session; commands fail until ``connect(to:)``.
    public func close() async {
        let old = state.withLock { state in
            state.isClosedByUser = true
            state.ephemerals = []
            defer { state.client = nil }
            return state.client
        }
        await old?.close()
    }

    /// Ends the session with the process. Only a session with ephemeral znodes waits until they are gone.
    ///
    /// - Returns: what remains when the server does not answer; nil when nothing does.
    func end() async -> String? {
        let (client, ownsEphemerals) = state.withLock { state in
            // Nobody is told that this one is lost.
            defer { state.client = nil }
            return (state.client, state.ownsEphemerals)
        }
        // One that no server has granted owns nothing either.
        guard let client, ownsEphemerals, client.session.id != 0 else {
            await client?.closeWithoutWaiting()
            return nil
        }
        if client.state.isOver { return nil }
        // Who has interrupted the shell does not wait for a server that hangs: it ends the session after its timeout. A
        // little less than the client's own patience, after which it would not say whether there was an answer.
        let (id, timeout) = (Hex.number(client.session.id), client.session.timeout)
        let end: Void? = try? await inBackground(limit: .milliseconds(1900), limitWhenCancelled: .milliseconds(400)) {
            await client.close()
        }
        guard end == nil else { return nil }
        return "no answer of the server to the end of session \(id): its ephemeral znodes go when it ends by itself, "
            + "up to \(timeout.components.seconds) s from now"
    }

    /// Says that the session may own an ephemeral znode, which must be gone when the shell has ended.
    public func noteEphemeral() {
        state.withLock { $0.ownsEphemerals = true }
    }

    /// Says that the session has created an ephemeral znode.
    func noteEphemeral(_ path: ZnodePath) {
        state.withLock { _ = $0.ephemerals.insert(path) }
    }

    /// Says that znodes are deleted.
    func noteDeleted(_ paths: [ZnodePath]) {
        state.withLock { state in
            if !state.ephemerals.isEmpty { state.ephemerals.subtract(paths) }
        }
    }

    /// What a session that has expired has taken along.
    func takeLostEphemerals() -> [ZnodePath] {
        state.withLock { state in
            defer { state.ephemerals = [] }
            return state.ephemerals.sorted { $0.string < $1.string }
        }
    }

    /// Sends `auth` now, when there is a session, and after each connect from now on.
    public func addAuth(_ auth: AuthInfo) async throws {
        try await client().addAuth(auth)
        state.withLock { $0.configuration.auth.append(auth) }
    }

    private func openClient() throws(ShellError) -> ZooKeeperClient {
        let (client, observers) = try state.withLock { state throws(ShellError) in
            if let client = state.client, !client.state.isOver {
                return (client, [] as [@Sendable (ZooKeeperClient) -> Void])
            }
            guard !state.isClosedByUser else { throw ShellError(.connection, "not connected; use connect") }
            let client = ZooKeeperClient(configuration: state.configuration)
            state.client = client
            state.hasChroot = false
            return (client, state.observers)
        }
        // Without the lock, which an observer may want. It hears what has happened already.
        for observe in observers { observe(client) }
        return client
    }

    private func checkChroot(of client: ZooKeeperClient) async throws {
        if try await client.exists(.root) == nil {
            let (configuration, creates) = state.withLock { ($0.configuration, $0.createsChroot) }
            let chroot = configuration.connectString.chroot ?? .root
            guard creates else {
                throw ShellError(
                    .noNode, "chroot \(chroot) does not exist (create it with --create-chroot)", code: .noNode,
                    path: chroot)
            }
            try await create(chroot, configuration: configuration)
        }
        state.withLock { $0.hasChroot = true }
    }

    private func create(_ chroot: ZnodePath, configuration: ClientConfiguration) async throws {
        var configuration = configuration
        configuration.connectString.chroot = nil
        let client = ZooKeeperClient(configuration: configuration)
        do {
            try await client.waitUntilConnected(timeout: state.withLock { $0.connectTimeout })
            try await client.createParents(of: chroot)
            do {
                try await client.create(chroot)
            } catch let error as ZooKeeperError where error.code == .nodeExists {
                // Somebody else was faster.
            }
        } catch {
            await client.close()
            throw error
        }
        await client.close()
    }

    private func unreachable(_ error: ZooKeeperError) -> ShellError {
        if error.code == .authFailed { return ShellError(error) }
        return ShellError(.connection, ShellError(error).message, code: error.code)
    }
}

extension ZooKeeperClient {
    /// Creates the missing ancestors of `path`.
    func createParents(of path: ZnodePath, acl: [ACL] = .openUnsafe) async throws {
        var missing: [ZnodePath] = []
        var ancestor = path.parent
        while let path = ancestor, !path.isRoot {
            if try await exists(path) != nil { break }
            missing.append(path)
            ancestor = path.parent
        }
        for path in missing.reversed() {
            do {
                try await create(path, data: nil, acl: acl)
            } catch let error as ZooKeeperError where error.code == .nodeExists {
                // Somebody else was faster.
            }
        }
    }
}

extension ClientConfiguration {
    /// Identities belong to the ensemble to which they were given: no other one is told them.
    ///
    /// - Parameter isUsed: whether there was a session with the present ensemble.
    fileprivate mutating func turn(to connectString: ConnectString, isUsed: Bool) {
        if isUsed, Set(self.connectString.hosts).isDisjoint(with: connectString.hosts) {
            auth = []
            sasl = nil
        }
        self.connectString = connectString
    }

    /// - Throws: ``ShellError`` 2 for a connect string that names no server.
    init(shellOptions options: ShellOptions) throws(ShellError) {
        do throws(ConnectStringError) {
            self.init(connectString: try ConnectString(options.server))
        } catch {
            throw .usage("\(error)")
        }
        sessionTimeout = options.sessionTimeout
        requestTimeout = options.operationTimeout
        canBeReadOnly = options.isReadOnly
        auth = options.credentials.map { AuthInfo(scheme: $0.scheme, credentials: $0.secret) }
        frameBytesMax = options.frameBytesMax
        trace = try FrameTrace.make(options: options)
        writeRefusal = FatalWrite.refusal
        takeSecurity(options)
    }
}
