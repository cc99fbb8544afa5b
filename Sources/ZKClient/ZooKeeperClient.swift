internal import NIOCore
internal import Synchronization
internal import ZKCore
internal import ZKWire

/// A session with a ZooKeeper ensemble.
///
/// The client connects in the background as soon as it is made, and again whenever a connection is lost: same session,
/// next host. Calls may be made from any task at any time; they are sent in the order in which they are made, and wait
/// when there is no connection.
///
/// When a connection is lost, what happens to a call depends on how far it got:
/// - Not sent yet: it waits for the next connection.
/// - A read that was sent: it is sent again on the next connection, up to three times.
/// - A write that was sent: it throws ``ZooKeeperError`` with `.connectionLoss` and
///   ``ZooKeeperError/isOutcomeUnknown``, since the server may have done it. Writes are never sent twice.
///
/// Everything is bounded by ``ClientConfiguration/requestTimeout``. (Apache's Java client fails all three.)
///
/// Cancelling the task of a call makes the call throw `CancellationError` at once. A request that was sent stays sent,
/// its reply is swallowed, and other calls notice nothing.
///
/// Paths are relative to the chroot of the connect string.
public final class ZooKeeperClient: Sendable {
    let driver: SessionDriver

    public let configuration: ClientConfiguration

    /// Runs tasks on the thread that reads the replies.
    ///
    /// A task that waits for many replies, each of them quickly dealt with, goes on there without a switch of threads,
    /// which takes longer than the reply itself: `addTask(executorPreference: client.taskExecutor)`. What runs there
    /// delays the connection: it must neither block nor compute for long.
    public let taskExecutor: any TaskExecutor

    public init(configuration: ClientConfiguration) {
        self.configuration = configuration
        driver = SessionDriver(configuration: configuration)
        taskExecutor = LoopTaskExecutor(loop: driver.loop)
        driver.start()
    }

    /// A client that nobody closed closes its session.
    deinit {
        driver.abandon()
    }

    // MARK: The session

    public var state: SessionState { driver.published.withLock { $0.state } }

    public var session: SessionInfo {
        var session = driver.published.withLock { $0.session }
        session.lastZxid = Zxid(rawValue: driver.lastZxid.load(ordering: .acquiring))
        return session
    }

    /// Why each host of the connect string was last given up; nil for one that works or was not tried.
    public var hostFailures: [(host: ConnectString.Host, failure: String?)] {
        let failures = driver.published.withLock { $0.failures }
        return Array(zip(configuration.connectString.hosts, failures)).map { (host: $0, failure: $1) }
    }

    /// Like ``hostFailures``, but of a host that is being tried for the first time it says what is waited for, and how
    /// long that has been.
    public var hostTroubles: [(host: ConnectString.Host, trouble: String?)] {
        Array(zip(configuration.connectString.hosts, driver.troubles)).map { (host: $0, trouble: $1) }
    }

    /// Whether there is no connection, and each host has last failed in a way that waiting does not mend: a name that does
    /// not exist, a certificate that is not trusted, something else on its port.
    public var isHopeless: Bool {
        driver.published.withLock { !$0.state.isConnected && $0.isLasting.allSatisfy { $0 } }
    }

    /// Returns once there is a connection with a session.
    ///
    /// - Parameter timeout: nil to wait for as long as it takes.
    /// - Throws: ``ZooKeeperError`` that names each host and why it could not be used.
    public func waitUntilConnected(timeout: Duration? = nil) async throws {
        try await driver.waitUntilConnected(timeout: timeout)
    }

    /// The present ``state``, as the event that led to it, and every change from now on. Nothing comes first before the
    /// first connect. Each subscriber gets all; one that leaves more than 256 unread loses the oldest. The stream ends
    /// with the session.
    public func sessionEvents() -> AsyncStream<SessionEvent> { driver.sessionEvents() }

    /// Ends the session behind all calls made before, and waits for the server's answer, but at most
    /// ``ClientConfiguration/closeTimeout``. Its ephemeral znodes are gone then. Later calls fail.
    ///
    /// Without a connection there is nobody to tell: the ensemble ends the session after its timeout.
    public func close() async {
        await driver.close(waits: true)
    }

    /// Ends the session like ``close()``, but returns as soon as the request is with the operating system.
    ///
    /// For a program that ends now and owns no ephemeral znode. Calls that were not answered yet fail.
    public func closeWithoutWaiting() async {
        await driver.close(waits: false)
    }

    /// Gives the connection up and makes another one, to the next host of the connect string: the same session, with
    /// its ephemeral znodes and watches. Does nothing without a connection.
    public func reconnect() {
        driver.loop.execute { [driver] in driver.giveUpConnection() }
    }

    // MARK: Calls

    /// Sends a request whose reply has no body of interest.
    func call(
        _ type: OpCode, path: ZnodePath?, serverPath: ZnodePath? = nil, isRead: Bool = false,
        watch: WatchRegistration? = nil, accepting accepted: ErrorCode = .ok, _ body: some JuteRecord
    ) async throws -> Reply {
        let request = RecordRequest(
            type: type, path: serverPath ?? path.map(driver.chroot.serverPath), isRead: isRead, watch: watch,
            deadline: driver.requestDeadline(), body: body)
        return try await perform(request, path: path, accepting: accepted)
    }

    /// Sends a request and throws unless it was answered with `.ok` or `accepted`.
    func perform(_ request: Request, path: ZnodePath?, accepting accepted: ErrorCode = .ok) async throws -> Reply {
        switch await driver.perform(request) {
        case .reply(let header, let body):
            guard header.err == .ok || header.err == accepted else {
                throw ZooKeeperError.answered(header.err, operation: request.type.description, path: path)
            }
            return Reply(
                error: header.err, body: body, operation: request.type.description, path: path, isRead: request.isRead,
                lengthMax: configuration.frameBytesMax)
        case .failure(let failure):
            throw ZooKeeperError.unanswered(
                failure, operation: request.type.description, path: path, isRead: request.isRead,
                requestBytes: request.frameBytes)
        case .cancelled:
            throw CancellationError()
        }
    }

    func serverPath(_ path: ZnodePath) -> ZnodePath { driver.chroot.serverPath(path) }
}

/// A reply whose body is not decoded yet: that is done by the task that asked, not by the event loop.
struct Reply {
    let error: ErrorCode
    var body: ByteBuffer
    let operation: String
    let path: ZnodePath?
    let isRead: Bool
    let lengthMax: Int

    func decode<Record: JuteRecord>(_ type: Record.Type = Record.self) throws -> Record {
        try decode { (reader) throws(JuteError) in try Record(from: &reader) }
    }

    func decode<Value>(_ read: (inout JuteReader) throws(JuteError) -> Value) throws -> Value {
        let result = body.withUnsafeReadableBytes { bytes -> Result<Value, JuteError> in
            var reader = JuteReader(bytes, lengthMax: lengthMax)
            do throws(JuteError) {
                return .success(try read(&reader))
            } catch {
                return .failure(error)
            }
        }
        switch result {
        case .success(let value): return value
        case .failure(let error): throw malformed("\(error)")
        }
    }

    /// The server has answered that it is done, in a form that says nothing else: a change may have been made.
    func malformed(_ reason: String) -> ZooKeeperError {
        let outcome = isRead ? "" : " The server says that the change was made: read before you try again."
        return ZooKeeperError(
            code: .marshallingError, operation: operation, path: path,
            message:
                "\(ZooKeeperError.subject(operation, path)): the reply is not what ZooKeeper sends (\(reason)). "
                + "Check that the server is a ZooKeeper server." + outcome,
            isOutcomeUnknown: !isRead)
    }
}
