internal import ZKCore
internal import ZKWire

/// The life of a session, decided without I/O: events and the time go in, what to do comes out.
///
/// A session outlives its connections. The machine knows which host is tried, when a connection counts as dead, when
/// to ping and when the session is over; it knows no requests, no watches and no sockets. Events of a connection that
/// was dropped must not reach it. Times are milliseconds of one monotonic clock. Source: `ClientCnxn.SendThread`.
struct SessionMachine {
    struct Settings {
        var hostCount: Int
        var sessionTimeoutMillis: Int64
        var canBeReadOnly = false
        var shufflesHosts = true
        var closeTimeoutMillis: Int64 = 2000
        /// Whether the owner has to prove who he is (with SASL) before a connection serves.
        var authenticates = false
        var seed: UInt64 = 0
    }

    enum Event: Equatable {
        case start
        /// The transport to the host is open.
        case connected
        /// The transport could not be opened, or was lost.
        case connectionLost(reason: String)
        /// The answer to the connect request.
        case handshake(ConnectResponse)
        /// The exchange that ``Effect/authenticate`` asked for has succeeded.
        case authenticated
        /// The server has refused credentials.
        case authRejected
        /// A deadline has come: see ``SessionMachine/nextDeadline``.
        case tick
        /// The owner wants to end the session.
        ///
        /// - waits: whether a session that is about to be granted is waited for, so that it can be ended.
        case close(waits: Bool)
        /// The answer to closeSession.
        case closeAnswered
        /// The look for a better server, which ``Effect/probe(host:)`` asked for, has found one.
        case readWriteServerFound(host: Int)
    }

    enum Effect: Equatable {
        /// Open a transport to this host.
        case connect(host: Int)
        case sendConnectRequest(ConnectRequest)
        /// Begin the exchange that proves who the owner is.
        case authenticate
        /// Send auth, then the watches, then what is queued.
        case established(isReadOnly: Bool, isNewSession: Bool)
        case sendPing
        /// The ensemble has answered nothing for so long that it may soon end the session.
        case doubt
        /// Ask this host whether it serves writes.
        case probe(host: Int)
        /// Send closeSession behind everything that is queued.
        case sendCloseSession
        /// Drop the transport. Comes also when it is lost already.
        case drop(reason: String)
        case end(End)
    }

    enum End: Equatable {
        /// A server says that the session is over.
        case expired
        /// A server has given another session in place of ours.
        case replaced
        /// The ensemble has not answered for so long that it has ended the session, if it was up itself.
        case givenUp(afterMillis: Int64)
        case authFailed
        case closed
    }

    enum State: Equatable {
        case idle
        case pausing(host: Int, until: Int64)
        case connecting(host: Int, since: Int64)
        /// With the time when the owner asked for the end: a session that is about to be granted must not be left.
        case handshaking(host: Int, since: Int64, closeAsked: Int64?)
        case authenticating(Authentication)
        case live(host: Int, since: Int64, probe: Probe?)
        case closing(since: Int64)
        case ended(End)
    }

    /// The session is granted, but nothing may be sent before the owner has proved who he is: not even its end.
    struct Authentication: Equatable {
        var host: Int
        var since: Int64
        var isReadOnly: Bool
        var isNewSession: Bool
        var closeAsked: Int64?
    }

    /// When a read-only connection looks for a better server.
    struct Probe: Equatable {
        static let pauseMillisMin: Int64 = 100
        static let pauseMillisMax: Int64 = 60_000
        var pauseMillis = pauseMillisMin
        var at: Int64
    }

    /// A connection that lived for less is not a success: the next tries are paused.
    static let goodConnectionMillis: Int64 = 1000
    static let pingMillisMax: Int64 = 10_000
    /// What impatience leaves to a host.
    private static let greetMillisMin: Int64 = 200
    private static let connectMillisMax: Int64 = 20_000

    let settings: Settings
    private(set) var state = State.idle
    private(set) var ring: HostRing
    private(set) var sessionID: Int64 = 0
    private(set) var password = [UInt8](repeating: 0, count: 16)
    /// What the server has granted; until then what we ask for.
    private(set) var timeoutMillis: Int64
    private(set) var lastZxid = Zxid.zero
    /// A session that only read-only servers have seen is unknown to the ensemble.
    private var hasMetReadWriteServer = false
    /// When bytes have last come on this connection.
    private var lastHeard: Int64 = 0
    private var lastSent: Int64 = 0
    /// When the newest request was sent that the ensemble has answered: its clock for this session starts no earlier.
    private(set) var lastConfirmed: Int64 = 0
    /// Whether ``Effect/doubt`` has been said since then.
    private var isInDoubt = false
    private var connectRequestSent: Int64 = 0
    /// How long the owner waits for a connection; nil for as long as it takes.
    var patienceMillis: Int64?
    /// How many addresses the present host has.
    var addressCount = 1
    /// For the next connection to a server without a quorum. It grows until a server with one serves: behind a load
    /// balancer the probe and the connection may reach different servers, time and again.
    private var probePauseMillis = Probe.pauseMillisMin

    init(settings: Settings) {
        self.settings = settings
        ring = HostRing(hostCount: settings.hostCount, shuffles: settings.shufflesHosts, seed: settings.seed)
        timeoutMillis = settings.sessionTimeoutMillis
    }

    // MARK: Facts that come with every frame

    /// Bytes have come from the server.
    mutating func heard(now: Int64) {
        lastHeard = now
    }

    /// Bytes have gone to the server.
    mutating func sent(now: Int64) {
        lastSent = now
    }

    /// What was sent at that time has been answered. A server without a quorum does not speak for the ensemble.
    mutating func confirmed(sentAt: Int64) {
        switch state {
        case .live(_, _, nil), .closing:
            lastConfirmed = max(lastConfirmed, sentAt)
            isInDoubt = false
        case .idle, .pausing, .connecting, .handshaking, .authenticating, .live, .ended:
            break
        }
    }

    /// Whether the ensemble is known to keep the session for now.
    func isCertain(now: Int64) -> Bool {
        switch state {
        case .live(_, _, nil): now < doubtDeadline
        case .idle, .pausing, .connecting, .handshaking, .authenticating, .live, .closing, .ended: false
        }
    }

    /// A reply (not a notification) had this zxid.
    mutating func sawZxid(_ zxid: Zxid) {
        if zxid.rawValue > 0 { lastZxid = zxid }
    }

    // MARK: Deadlines

    /// The whole time to reach and greet one host: its share of the session's timeout, but not longer than 20 s. A
    /// server of Apache's that is connected to while it loads its database can forget the connection without closing it.
    /// Where there is another host or address to try, it is not longer than its share of the owner's patience.
    var connectTimeoutMillis: Int64 {
        let candidates = Int64(settings.hostCount * max(1, addressCount))
        let share = min(timeoutMillis / candidates, Self.connectMillisMax)
        guard let patienceMillis, candidates > 1 else { return max(1, share) }
        return max(1, min(share, max(Self.greetMillisMin, patienceMillis / candidates)))
    }
    var readTimeoutMillis: Int64 { timeoutMillis * 2 / 3 }
    var expiryMillis: Int64 { timeoutMillis * 4 / 3 }

    /// How long nothing may be sent before a ping.
    var pingAfterMillis: Int64 {
        let half = readTimeoutMillis / 2
        return min(Self.pingMillisMax, half <= 1000 ? max(1, half) : max(1000, half - 1000))
    }

    /// When the machine wants a ``Event/tick``; earlier ones do no harm.
    var nextDeadline: Int64? {
        switch state {
        case .idle, .ended: nil
        case .pausing(_, let until): min(until, expiryDeadline)
        case .connecting(_, let since): min(since + connectTimeoutMillis, expiryDeadline)
        case .handshaking(_, let since, let closeAsked):
            min(
                since + connectTimeoutMillis, expiryDeadline,
                closeAsked.map { $0 + settings.closeTimeoutMillis } ?? .max)
        case .authenticating(let exchange):
            min(
                exchange.since + connectTimeoutMillis, expiryDeadline,
                exchange.closeAsked.map { $0 + settings.closeTimeoutMillis } ?? .max)
        case .live(_, _, let probe?):
            min(lastHeard + readTimeoutMillis, lastSent + pingAfterMillis, probe.at, expiryDeadline)
        case .live(_, _, nil):
            min(lastHeard + readTimeoutMillis, lastSent + pingAfterMillis, isInDoubt ? .max : doubtDeadline)
        case .closing(let since): since + settings.closeTimeoutMillis
        }
    }

    /// When a session that the ensemble does not answer counts as lost. The ensemble has ended it by then. What else
    /// happens meanwhile (a connect, an end of file, a server without a quorum) is no answer.
    private var expiryDeadline: Int64 { hasMetReadWriteServer ? lastConfirmed + expiryMillis : .max }
    private var doubtDeadline: Int64 { lastConfirmed + readTimeoutMillis }

    // MARK: Events

    mutating func handle(_ event: Event, now: Int64) -> [Effect] {
        switch event {
        case .start: start(now: now)
        case .connected: connected(now: now)
        case .connectionLost(let reason): connectionLost(reason: reason, now: now)
        case .handshake(let response): handshake(response, now: now)
        case .authenticated: authenticated(now: now)
        case .authRejected: authRejected()
        case .tick: tick(now: now)
        case .close(let waits): close(waits: waits, now: now)
        case .closeAnswered: closeAnswered()
        case .readWriteServerFound(let host): readWriteServerFound(host: host, now: now)
        }
    }

    private mutating func start(now: Int64) -> [Effect] {
        switch state {
        case .idle:
            lastHeard = now
            return tryNextHost(now: now)
        case .pausing, .connecting, .handshaking, .authenticating, .live, .closing, .ended:
            return []
        }
    }

    private mutating func connected(now: Int64) -> [Effect] {
        switch state {
        case .connecting(let host, let since):
            state = .handshaking(host: host, since: since, closeAsked: nil)
            lastHeard = now
            lastSent = now
            connectRequestSent = now
            let request = ConnectRequest(
                lastZxidSeen: lastZxid, timeoutMillis: Int32(clamping: settings.sessionTimeoutMillis),
                sessionID: hasMetReadWriteServer ? sessionID : 0, password: password,
                readOnly: settings.canBeReadOnly)
            return [.sendConnectRequest(request)]
        case .idle, .pausing, .handshaking, .authenticating, .live, .closing, .ended:
            return []
        }
    }

    private mutating func handshake(_ response: ConnectResponse, now: Int64) -> [Effect] {
        switch state {
        case .handshaking(let host, _, let closeAsked):
            lastHeard = now
            let isReadOnly = response.readOnly ?? false
            let isNewSession = response.sessionID != sessionID
            if isReadOnly, hasMetReadWriteServer, response.timeoutMillis <= 0 || isNewSession {
                return connectionLost(reason: "the server has no quorum and does not know this session", now: now)
            }
            guard response.timeoutMillis > 0 else { return end(.expired, reason: "the session has expired") }
            if hasMetReadWriteServer, isNewSession {
                return end(.replaced, reason: "the server has given another session")
            }
            if !isReadOnly {
                hasMetReadWriteServer = true
                lastConfirmed = connectRequestSent
                isInDoubt = false
            }
            sessionID = response.sessionID
            password = response.password ?? []
            timeoutMillis = Int64(response.timeoutMillis)
            let exchange = Authentication(
                host: host, since: now, isReadOnly: isReadOnly, isNewSession: isNewSession, closeAsked: closeAsked)
            guard settings.authenticates else { return establish(exchange, now: now) }
            state = .authenticating(exchange)
            return [.authenticate]
        case .idle, .pausing, .connecting, .authenticating, .live, .closing, .ended:
            return []
        }
    }

    private mutating func authenticated(now: Int64) -> [Effect] {
        switch state {
        case .authenticating(let exchange): establish(exchange, now: now)
        case .idle, .pausing, .connecting, .handshaking, .live, .closing, .ended: []
        }
    }

    private mutating func establish(_ exchange: Authentication, now: Int64) -> [Effect] {
        let established = Effect.established(isReadOnly: exchange.isReadOnly, isNewSession: exchange.isNewSession)
        if exchange.closeAsked != nil {
            state = .closing(since: now)
            return [established, .sendCloseSession]
        }
        if !exchange.isReadOnly { probePauseMillis = Probe.pauseMillisMin }
        let probe =
            exchange.isReadOnly ? Probe(pauseMillis: probePauseMillis, at: now + probePauseMillis) : nil
        state = .live(host: exchange.host, since: now, probe: probe)
        return [established]
    }

    private mutating func connectionLost(reason: String, now: Int64) -> [Effect] {
        switch state {
        case .connecting, .handshaking(_, _, nil):
            return [.drop(reason: reason)] + tryNextHost(now: now)
        case .authenticating(let exchange) where exchange.closeAsked == nil:
            return [.drop(reason: reason)] + tryNextHost(now: now)
        case .live(_, let since, _):
            if now - since >= Self.goodConnectionMillis { ring.succeeded() }
            return [.drop(reason: reason)] + tryNextHost(now: now)
        case .closing, .handshaking, .authenticating:
            // The server ends the connection after its answer; without the answer the session may live on, and
            // expires.
            return end(.closed, reason: reason)
        case .idle, .pausing, .ended:
            return []
        }
    }

    private mutating func authRejected() -> [Effect] {
        switch state {
        case .authenticating, .live, .closing:
            end(.authFailed, reason: "the server has refused the credentials")
        case .idle, .pausing, .connecting, .handshaking, .ended:
            []
        }
    }

    private mutating func tick(now: Int64) -> [Effect] {
        switch state {
        case .idle, .ended:
            return []
        case .pausing(let host, let until):
            if now >= expiryDeadline { return endUnheard(now: now) }
            guard now >= until else { return [] }
            state = .connecting(host: host, since: now)
            return [.connect(host: host)]
        case .connecting(_, let since):
            if now >= expiryDeadline { return endUnheard(now: now) }
            guard now - since >= connectTimeoutMillis else { return [] }
            return connectionLost(reason: "no connection within \(connectTimeoutMillis) ms", now: now)
        case .handshaking(_, let since, let closeAsked):
            if now >= expiryDeadline { return endUnheard(now: now) }
            if let closeAsked, now - closeAsked >= settings.closeTimeoutMillis {
                return end(.closed, reason: "no answer to the connect request in \(now - since) ms")
            }
            guard now - since >= connectTimeoutMillis else { return [] }
            return connectionLost(reason: "no answer to the connect request in \(now - since) ms", now: now)
        case .authenticating(let exchange):
            if now >= expiryDeadline { return endUnheard(now: now) }
            let reason = "the SASL exchange was not done in \(now - exchange.since) ms"
            if let closeAsked = exchange.closeAsked, now - closeAsked >= settings.closeTimeoutMillis {
                return end(.closed, reason: reason)
            }
            guard now - exchange.since >= connectTimeoutMillis else { return [] }
            return connectionLost(reason: reason, now: now)
        case .live(let host, let since, let probe):
            return tickLive(host: host, since: since, probe: probe, now: now)
        case .closing(let since):
            guard now - since >= settings.closeTimeoutMillis else { return [] }
            return end(.closed, reason: "no answer to closeSession in \(now - since) ms")
        }
    }

    private mutating func tickLive(host: Int, since: Int64, probe: Probe?, now: Int64) -> [Effect] {
        let silence = now - lastHeard
        guard silence < readTimeoutMillis else {
            return connectionLost(reason: "nothing heard from the server for \(silence) ms", now: now)
        }
        var effects: [Effect] = []
        if probe != nil, now >= expiryDeadline { return endUnheard(now: now) }
        if probe == nil, !isInDoubt, now >= doubtDeadline {
            isInDoubt = true
            effects.append(.doubt)
        }
        if now - lastSent >= pingAfterMillis {
            lastSent = now
            effects.append(.sendPing)
        }
        if var probe, now >= probe.at {
            probe.pauseMillis = min(2 * probe.pauseMillis, Probe.pauseMillisMax)
            probePauseMillis = probe.pauseMillis
            probe.at = now + probe.pauseMillis
            state = .live(host: host, since: since, probe: probe)
            effects.append(.probe(host: ring.peekNext()))
        }
        return effects
    }

    private mutating func readWriteServerFound(host: Int, now: Int64) -> [Effect] {
        switch state {
        case .live(_, _, .some):
            state = .connecting(host: host, since: now)
            return [.drop(reason: "a server that takes writes was found"), .connect(host: host)]
        case .idle, .pausing, .connecting, .handshaking, .authenticating, .live(_, _, nil), .closing, .ended:
            return []
        }
    }

    private mutating func close(waits: Bool, now: Int64) -> [Effect] {
        switch state {
        case .live:
            state = .closing(since: now)
            return [.sendCloseSession]
        case .handshaking(let host, let since, nil) where waits:
            state = .handshaking(host: host, since: since, closeAsked: now)
            return []
        case .authenticating(var exchange) where exchange.closeAsked == nil && waits:
            exchange.closeAsked = now
            state = .authenticating(exchange)
            return []
        case .idle, .pausing, .connecting:
            return end(.closed, reason: "the client was closed")
        case .handshaking, .authenticating:
            // Without patience nobody ends what may be granted yet: it expires.
            return waits ? [] : end(.closed, reason: "the client was closed")
        case .closing, .ended:
            return []
        }
    }

    private mutating func closeAnswered() -> [Effect] {
        switch state {
        case .closing:
            end(.closed, reason: "the session is closed")
        case .idle, .pausing, .connecting, .handshaking, .authenticating, .live, .ended:
            []
        }
    }

    // MARK: Helpers

    private mutating func tryNextHost(now: Int64) -> [Effect] {
        let (host, pauseMillis) = ring.next()
        if pauseMillis == 0 {
            state = .connecting(host: host, since: now)
            return [.connect(host: host)]
        }
        state = .pausing(host: host, until: now + pauseMillis)
        return []
    }

    private mutating func endUnheard(now: Int64) -> [Effect] {
        let silence = now - lastConfirmed
        return end(.givenUp(afterMillis: silence), reason: "no answer of the ensemble for \(silence) ms")
    }

    private mutating func end(_ end: End, reason: String) -> [Effect] {
        state = .ended(end)
        return [.drop(reason: reason), .end(end)]
    }
}
