internal import Logging
internal import NIOCore
internal import NIOPosix
internal import Synchronization
internal import ZKCore
internal import ZKWire

/// Runs a ``SessionMachine`` on an event loop: carries out what it decides, and matches replies to requests.
///
/// `@unchecked Sendable`: `submissions`, `published` and `watches` have locks, `lastZxid` is atomic; every other variable is touched on `loop`
/// only.
final class SessionDriver: @unchecked Sendable {
    let configuration: ClientConfiguration
    let chroot: Chroot
    let loop: any EventLoop
    let logger: Logger
    /// What is wrong with the configuration.
    let mistake: String?

    let submissions: Mutex<Submissions>
    let published: Mutex<Published>
    let watches = Mutex(WatchTable())
    /// The newest that a reply has shown, stored before its caller hears of the reply.
    let lastZxid = Atomic<Int64>(0)
    /// ``SessionMachine/lastConfirmed``, and for how long from then on the session is certain: 0 while it is not.
    let lastConfirmed = Atomic<Int64>(0)
    let certainMillis = Atomic<Int64>(0)

    // What follows belongs to the loop.

    var machine: SessionMachine
    var connection: ConnectionHandler?
    /// Nil until the first connect, and without TLS.
    var tls: TLSConnector?
    /// Why TLS can never work with these settings.
    var tlsFailure: ConnectFailure?
    /// Whether what fails now comes again however often it is tried.
    var failureIsLasting = false
    /// Tells the callbacks of a dropped attempt to connect from those of the current one.
    var attempt = 0
    var currentHost = 0
    var currentAddress: SocketAddress?
    /// Addresses that took a connection which then came to nothing, since the last that served.
    var unusableAddresses: Set<SocketAddress> = []
    static let unusableAddressesMax = 64
    /// Whether requests may be written.
    var isLive = false
    /// The exchange after the handshake, while it goes on.
    var authentication: Authentication?
    /// Why the session has ended, where the machine does not know.
    var endReason: String?
    /// Sent and not answered, in the order of sending.
    var inFlight = CircularBuffer<Request>()
    /// Set when a server has answered that it knows no multiRead. Those before 3.6 do so, and close the connection.
    let lacksMultiRead = Atomic(false)
    /// Reads that were in flight when a connection was lost, to be sent first on the next one.
    var retries: [Request] = []
    /// Of those, how many were cancelled or timed out.
    var deadRetryCount = 0
    var auths: [AuthEntry] = []
    /// Indices of `auths` whose reply is to come.
    var authsInFlight = CircularBuffer<Int>()
    /// setWatches requests whose reply is to come, and whom to tell when all have come.
    var rearmingCount = 0
    var rearmedSinks: [WatchSink] = []
    /// When the pings were sent whose reply is to come.
    var pingsInFlight = CircularBuffer<Int64>()
    /// When the request was sent that was answered last; nil when none was since the machine was last told.
    var answeredSentAt: Int64?
    /// Whether a reply has come since the machine was last told.
    var hasReply = false
    /// Replies since `submissions` was last told.
    var answeredCount = 0
    var taken: [Request] = []
    /// Events that came while one was handled.
    var pendingEvents: [SessionMachine.Event] = []
    var isHandlingEvent = false
    var timer: (at: Int64, scheduled: Scheduled<Void>)?
    var requestTimer: Scheduled<Void>?
    var connectWaiters: [ConnectWaiter] = []
    /// Those that want to know when the session is no longer certain.
    var doubtWaiters: [ConnectWaiter] = []
    var closeWaiters: [UnsafeContinuation<Void, Never>] = []
    /// Whether the answer to closeSession is not waited for.
    var closesWithoutWaiting = false

    struct AuthEntry {
        var info: AuthInfo
        var waiter: Request?
    }

    init(configuration: ClientConfiguration) {
        self.configuration = configuration
        chroot = Chroot(configuration.connectString.chroot)
        loop = EventLoops.next()
        logger = configuration.logger
        mistake = configuration.mistake
        submissions = Mutex(Submissions(outstandingMax: max(1, configuration.outstandingRequestsMax)))
        published = Mutex(
            Published(
                session: SessionInfo(
                    id: 0, password: [], timeout: configuration.sessionTimeout, server: nil, lastZxid: .zero),
                hostCount: configuration.connectString.hosts.count))
        auths = configuration.auth.map { AuthEntry(info: $0) }
        machine = SessionMachine(
            settings: SessionMachine.Settings(
                hostCount: configuration.connectString.hosts.count,
                sessionTimeoutMillis: max(1, configuration.sessionTimeout.millis),
                canBeReadOnly: configuration.canBeReadOnly, shufflesHosts: configuration.shufflesHosts,
                closeTimeoutMillis: max(1, configuration.closeTimeout.millis),
                authenticates: configuration.sasl != nil,
                seed: UInt64.random(in: .min ... .max)))
    }

    func start() {
        loop.execute { self.handle(self.mistake == nil ? .start : .close(waits: false)) }
    }

    /// Milliseconds of a clock that goes on while the machine sleeps, as the ensemble's does.
    var now: Int64 { (ContinuousClock.now - Self.epoch).millis }
    static let epoch = ContinuousClock.now

    /// When a request that is made now has to be answered.
    func requestDeadline() -> NIODeadline {
        guard let timeout = configuration.requestTimeout else { return .distantFuture }
        return .now() + .milliseconds(timeout.millis)
    }

    // MARK: Requests, from any thread

    /// Sends a request and waits for what becomes of it.
    func perform(_ request: Request) async -> Request.Outcome {
        // Before the first wait: what is inside a cancellation handler runs on another executor than the caller, and
        // calls that were made one after the other could overtake each other on their way there.
        submit(request)
        return await withTaskCancellationHandler {
            await request.outcome()
        } onCancel: {
            loop.execute { self.cancel(request) }
        }
    }

    /// Gives the request its place in the order. Returns at once; the outcome comes later.
    func submit(_ request: Request) {
        var wakesLoop = false
        let refusal = submissions.withLock { submissions -> Request.Outcome? in
            if let cause = submissions.refusal {
                request.stage = .resolved
                return .failure(.init(cause: cause, isWritten: false))
            }
            // A cancellation that came before this line has found the request new and left it alone.
            if Task.isCancelled {
                request.stage = .resolved
                return .cancelled
            }
            if case .persistent(let sink)? = request.watch {
                submissions.pendingAddWatches[sink.addWatchKey, default: 0] += 1
            }
            submissions.append(request)
            wakesLoop = !submissions.isDrainScheduled
            submissions.isDrainScheduled = true
            return nil
        }
        if let refusal {
            request.deliver(refusal)
        } else if wakesLoop {
            loop.execute { self.drain() }
        }
    }

    // MARK: Requests, on the loop

    /// Sends what is queued, in one write; more than one when a batch has its limit of bytes.
    func drain() {
        while let batch = takeBatch() { write(batch) }
        armRequestTimer()
    }

    private func takeBatch() -> ByteBuffer? {
        submissions.withLock { submissions in
            submissions.isDrainScheduled = false
            guard isLive, connection?.isWritable ?? false, !submissions.queued.isEmpty else { return nil }
            return submissions.take(into: &taken)
        }
    }

    /// Writes `batch`, which holds the frames of `taken`.
    private func write(_ batch: ByteBuffer) {
        guard !taken.isEmpty else { return }
        let now = self.now
        for request in taken {
            request.stage = .written
            request.sentAt = now
            if request.type == .auth {
                sentAuth(request)
            } else {
                inFlight.append(request)
            }
            trace(request)
        }
        taken.removeAll(keepingCapacity: true)
        connection?.send(batch)
        machine.sent(now: now)
    }

    /// Everything that callers have handed in goes out, whatever the limits.
    func drainAll() {
        while true {
            var batch: ByteBuffer?
            submissions.withLock { submissions in
                if !submissions.isEmpty {
                    if submissions.queued.isEmpty { submissions.release(submissions.outstanding) }
                    batch = submissions.take(into: &taken)
                }
            }
            guard let batch else { return }
            write(batch)
        }
    }

    private func cancel(_ request: Request) {
        giveUp(request, .cancelled)
    }

    /// Resolves a request that has got no reply; one that is not sent yet will not be.
    private func giveUp(_ request: Request, _ outcome: Request.Outcome) {
        let isQueued = submissions.withLock { _ in request.stage == .queued }
        guard isQueued || request.stage == .written else { return }
        if isQueued { forgetPendingAddWatch(request) }
        request.resolve(outcome)
        // During an outage nothing else would ever let go of what it holds.
        if isQueued {
            submissions.withLock { $0.noteDead(request) }
        } else if !isLive {
            buryRetries()
        }
    }

    private func buryRetries() {
        deadRetryCount += 1
        guard deadRetryCount > retries.count / 2 else { return }
        deadRetryCount = 0
        let count = retries.count
        retries.removeAll { $0.stage == .resolved }
        answeredCount += count - retries.count
        releaseAnswered()
    }

    func forgetPendingAddWatch(_ request: Request) {
        guard case .persistent(let sink)? = request.watch else { return }
        submissions.withLock { submissions in
            let key = sink.addWatchKey
            let count = submissions.pendingAddWatches[key] ?? 0
            submissions.pendingAddWatches[key] = count > 1 ? count - 1 : nil
        }
    }

    // MARK: Request timeouts

    /// One timer serves all requests: their deadlines are in the order of their places.
    private func armRequestTimer() {
        guard requestTimer == nil, configuration.requestTimeout != nil, let first = oldestDeadline() else { return }
        requestTimer = loop.scheduleTask(deadline: first) {
            self.requestTimer = nil
            self.timeOutRequests()
            self.armRequestTimer()
        }
    }

    private func oldestDeadline() -> NIODeadline? {
        var deadlines = submissions.withLock { submissions in
            [submissions.queued.first { $0.stage == .queued }, submissions.overflow.first { $0.stage == .queued }]
                .compactMap { $0?.deadline }
        }
        let written = [inFlight.first { $0.stage == .written }, retries.first { $0.stage == .written }]
        deadlines += (written + auths.map(\.waiter)).compactMap { $0?.deadline }
        return deadlines.min()
    }

    private func timeOutRequests() {
        let now = NIODeadline.now()
        let waiting = submissions.withLock { submissions in
            submissions.queued.prefix { $0.deadline <= now } + submissions.overflow.prefix { $0.deadline <= now }
        }
        let sent = inFlight.prefix { $0.deadline <= now } + retries.prefix { $0.deadline <= now }
        let authWaiters = auths.compactMap(\.waiter).filter { $0.deadline <= now }
        let reason = isLive ? nil : "there is no connection; \(failureSummary())"
        for request in waiting + sent + authWaiters where request.stage != .resolved {
            let failure = Request.Failure(cause: .timedOut(reason: reason), isWritten: request.stage == .written)
            giveUp(request, .failure(failure))
        }
    }

    func sawZxid(_ zxid: Zxid) {
        machine.sawZxid(zxid)
        lastZxid.store(machine.lastZxid.rawValue, ordering: .releasing)
    }

    // MARK: Trace

    func trace(_ request: Request) {
        guard let trace = configuration.trace else { return }
        trace.onFrame(
            ClientTrace.Frame(
                direction: .sent, server: hostName(currentHost), xid: request.xid,
                operation: request.type.description, path: request.path?.string, bytes: request.frameBytes, zxid: nil,
                error: nil))
    }

    func trace(
        _ direction: ClientTrace.Frame.Direction, _ operation: String, xid: Int32, bytes: Int, path: String? = nil,
        zxid: Zxid? = nil, error: ErrorCode? = nil
    ) {
        guard let trace = configuration.trace else { return }
        trace.onFrame(
            ClientTrace.Frame(
                direction: direction, server: hostName(currentHost), xid: xid, operation: operation, path: path,
                bytes: bytes, zxid: zxid, error: error))
    }

    /// For the log.
    var sessionName: String { "0x" + String(UInt64(bitPattern: machine.sessionID), radix: 16) }

    func hostName(_ host: Int) -> String { configuration.connectString.hosts[host].description }
}

extension WatchSink {
    var addWatchKey: Submissions.AddWatchKey { Submissions.AddWatchKey(path: serverPath, mode: mode) }
}

extension Duration {
    var millis: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        return overflow ? (seconds < 0 ? .min : .max) : product + attoseconds / 1_000_000_000_000_000
    }
}
