public import Logging

/// A proof of identity, as `addauth` of zkCli.sh takes it.
public struct AuthInfo: Sendable, Hashable {
    /// `digest`, `ip`, …
    public var scheme: String
    /// For digest: `user:password`.
    public var credentials: [UInt8]

    public init(scheme: String, credentials: [UInt8]) {
        self.scheme = scheme
        self.credentials = credentials
    }

    public static func digest(user: String, password: String) -> Self {
        Self(scheme: "digest", credentials: Array("\(user):\(password)".utf8))
    }
}

extension AuthInfo: CustomStringConvertible, CustomReflectable {
    /// Without the credentials.
    public var description: String { "AuthInfo(\(scheme))" }

    public var customMirror: Mirror { Mirror(self, children: ["scheme": scheme]) }
}

/// How a ``ZooKeeperClient`` behaves.
public struct ClientConfiguration: Sendable {
    public var connectString: ConnectString
    /// What is asked for; the server clamps it (2 to 20 of its ticks by default).
    public var sessionTimeout: Duration = .seconds(30)
    /// How long one call may take, waiting for a connection included. Nil: for as long as the session may live.
    public var requestTimeout: Duration? = .seconds(30)
    /// Whether a server without a quorum, which serves only reads, is good enough. The client goes on looking for a
    /// better one.
    public var canBeReadOnly = false
    /// Sent after each connect, in this order.
    public var auth: [AuthInfo] = []
    /// The longest reply that is accepted. A longer one is skipped, and its call fails.
    public var frameBytesMax = 64 << 20
    /// Whether the hosts are tried in random order, which spreads the clients over the ensemble.
    public var shufflesHosts = true
    /// How many requests may be queued or unanswered. Calls beyond it wait, in the order of the calls.
    public var outstandingRequestsMax = 16_384
    /// How long ``ZooKeeperClient/close()`` waits for the server's answer.
    public var closeTimeout: Duration = .seconds(2)
    public var logger = Logger(label: "zookeeper.client", factory: { _ in SwiftLogNoOpLogHandler() })
    /// Nil for none. With SASL nothing else is sent on a connection before the server has accepted the user.
    public var sasl: SASLOptions?
    /// Nil for plain TCP, unless the connect string says `zks://`: then the defaults. There is no way back to plain.
    public var tls: TLSOptions?
    /// Called for each frame, on the client's event loop.
    public var trace: ClientTrace?
    /// Why a change, whose path is that of the server, must not be sent; nil when it may be. Asked before each.
    package var writeRefusal: (@Sendable (MultiOp) -> String?)?

    public init(connectString: ConnectString) {
        self.connectString = connectString
    }

    /// Why no client can work with this; nil when one can.
    var mistake: String? {
        let durations = [("sessionTimeout", sessionTimeout), ("requestTimeout", requestTimeout ?? .seconds(1))]
        for (name, duration) in durations where duration < .milliseconds(1) {
            return "\(name) must be at least 1 ms, and is \(duration)"
        }
        if closeTimeout < .zero { return "closeTimeout must not be below 0, and is \(closeTimeout)" }
        let counts = [("frameBytesMax", frameBytesMax), ("outstandingRequestsMax", outstandingRequestsMax)]
        for (name, count) in counts where count < 1 { return "\(name) must be at least 1, and is \(count)" }
        return nil
    }
}
