import Logging
import NIOCore
import Synchronization
import ZKCore
import ZKTree

/// The state that all connections share: the tree, the sessions, and the requests between prepare and apply.
///
/// Everything that changes here is changed only while ``lock`` is held exclusively. Holding it shared allows to read
/// the tree and the sessions, to note that a session was heard of, and to write to the output of a connection of
/// one's own event loop. So a reply that the log thread wrote under the exclusive lock is seen by the loop before it
/// adds the next one.
final class ServerCore: @unchecked Sendable {
    let configuration: ServerConfiguration
    let logger: Logger
    let clock = ServerClock()
    let lock = ReadWriteLock()
    let tree: UnsafeMutablePointer<ZnodeTree>
    var sessions: SessionTracker
    /// The connections with a session, by their number, which is also that of their watches.
    var connections: [UInt32: Connection] = [:]
    /// The connection whose frames are being handled under the exclusive lock.
    @exclusivity(unchecked) var handled: Connection?
    /// Every open connection, those before their session among them.
    var openConnections: [ObjectIdentifier: Connection] = [:]
    /// Open connections by peer address.
    var connectionsByAddress: [String: Int] = [:]
    /// nil without a data directory: then txns are applied as soon as they are prepared.
    @exclusivity(unchecked) var log: LogThread?
    /// Requests between prepare and apply.
    @exclusivity(unchecked) var outstanding = 0
    /// The bytes of their records, which are in memory until they are applied.
    @exclusivity(unchecked) var unwrittenBytes = 0
    /// Beyond as many, clients with requests in the pipeline are not read from.
    static let unwrittenBytesMax = 64 << 20
    /// Connections without requests in the pipeline whose write waits until there is room again.
    var waitingForLog: [ObjectIdentifier: Connection] = [:]
    let writtenPerNamespace = NamespaceStats()
    let loops: [LoopState]
    /// Connections that were closed since they did not ask for a session in time.
    var sessionlessExpired = 0
    var connectionsRejected = 0
    var sessionsExpired = 0
    var connectionRequests = 0
    var sessionsResumed = 0
    var authenticationsFailed = 0
    /// The mask of `stmk`; nothing is traced.
    var traceMask: Int64 = 306
    /// The digests of the tree at every 128th txn, for `hash`.
    @exclusivity(unchecked) var digestHistory: [(zxid: Int64, digest: UInt64)] = []
    /// When the admin server was last asked for a snapshot.
    var snapshotAskedMillis: Int64?
    let startedMillis: Int64
    /// Set once the server listens; -1 for a port that it does not have.
    var listeningPort = -1
    /// Likewise, of the port with TLS.
    var secureListeningPort = -1
    let authenticator: Authenticator
    let httpConnections = HTTPConnections()
    /// The bytes that all peers have not taken, as far as they are behind.
    let unreadBytes = Atomic(0)
    let deferredBudget = ByteBudget(ServerCore.deferredBytesMax)
    /// Whether clients must have proved who they are before anything else.
    let demandsProof: Bool
    let makesFaults: Bool

    init(configuration: ServerConfiguration, tree: consuming ZnodeTree, loops: [any EventLoop]) {
        self.configuration = configuration
        self.loops = loops.enumerated().map {
            LoopState(index: $0.offset, eventLoop: $0.element, faults: configuration.faults)
        }
        logger = configuration.logger
        startedMillis = clock.millis
        self.tree = .allocate(capacity: 1)
        self.tree.initialize(to: tree)
        authenticator = Authenticator(
            superDigest: configuration.superDigest, hasDigestScheme: configuration.hasDigestScheme)
        demandsProof = !configuration.requiredSchemes.isEmpty
        makesFaults = configuration.faults != nil
        sessions = SessionTracker(
            tickMillis: Int64(configuration.tickMillis), serverID: Int64(configuration.serverID),
            seedMillis: clock.wallMillis, nowMillis: clock.millis,
            lifetimeMillisMax: configuration.faults?.sessionMillisMax.map(Int64.init))
        for (id, timeout) in self.tree.pointee.sessions {
            sessions.open(id, timeoutMillis: Int64(timeout), nowMillis: clock.millis)
        }
    }

    deinit {
        tree.deinitialize(count: 1)
        tree.deallocate()
    }

    // MARK: Output

    /// Notes that a connection has output that its loop must flush. Called under the exclusive lock.
    func markDirty(_ connection: Connection) {
        // The output of the connection whose read is being handled is sent at its end anyway.
        guard !connection.isDirty, connection !== handled else { return }
        connection.isDirty = true
        loops[connection.loopIndex].dirty.append(connection)
    }

    /// The loops whose connections have output. Under the exclusive lock; ``LoopState/schedule(_:)`` must follow.
    func dirtyLoops() -> [LoopState] {
        loops.filter { $0.needsDrain() }
    }

    /// Wakes the loops whose connections have output, each once. Called without the lock.
    func flushDirty() {
        for loop in lock.withExclusive({ dirtyLoops() }) { loop.schedule(self) }
    }
}

/// An event loop and its connections that have output.
final class LoopState: @unchecked Sendable {
    let index: Int
    let eventLoop: any EventLoop
    /// Under the exclusive lock, or under the shared one on ``eventLoop``.
    @exclusivity(unchecked) var dirty: [Connection] = []
    /// Likewise.
    private var isDrainScheduled = false
    /// Likewise.
    @exclusivity(unchecked) var stats = ServerStats()

    /// Likewise.
    let readPerNamespace = NamespaceStats()
    /// Likewise.
    var dice: FaultDice?

    init(index: Int, eventLoop: any EventLoop, faults: ServerFaults?) {
        self.index = index
        self.eventLoop = eventLoop
        dice = FaultDice(faults, loopIndex: index)
    }

    /// Whether there is output and no drain on its way. Under the exclusive lock.
    func needsDrain() -> Bool {
        guard !dirty.isEmpty, !isDrainScheduled else { return false }
        isDrainScheduled = true
        return true
    }

    func schedule(_ core: ServerCore) {
        eventLoop.execute { self.drain(core) }
    }

    /// Writes the output of all dirty connections. On ``eventLoop``.
    func drain(_ core: ServerCore) {
        let work = core.lock.withShared { () -> [(Connection, ConnectionOutput)] in
            isDrainScheduled = false
            defer { dirty.removeAll(keepingCapacity: true) }
            return dirty.map { connection in
                connection.isDirty = false
                return (connection, connection.takeOutput(core: core))
            }
        }
        for (connection, output) in work { connection.send(output) }
    }
}
