public import Logging
internal import ZKDigest
import ZKStore

/// How an ``EmbeddedServer`` runs. Names and defaults are those of zoo.cfg where there is one.
public struct ServerConfiguration: Sendable {
    /// The address to listen on. Loopback unless told otherwise.
    public var host = "127.0.0.1"
    /// The port to listen on (`clientPort`); 0 takes a free one.
    public var port = 0
    /// The directory that holds `version-2` (`dataDir`); nil keeps everything in memory.
    public var dataDirectory: String?
    /// Where the txn logs go when not into ``dataDirectory`` (`dataLogDir`).
    public var dataLogDirectory: String?
    /// The unit of session timeouts, in milliseconds (`tickTime`).
    public var tickMillis = 3000
    /// The shortest session timeout, in milliseconds; nil for two ticks (`minSessionTimeout`).
    public var sessionTimeoutMillisMin: Int?
    /// The longest session timeout, in milliseconds; nil for twenty ticks (`maxSessionTimeout`).
    public var sessionTimeoutMillisMax: Int?
    /// Whether there is a port without TLS. If not, ``tls`` must be set.
    public var listensPlain = true
    /// A port with TLS, beside the plain one or in its place (`secureClientPort`).
    public var tls: ServerTLSOptions?
    /// Connections from one address; 0 for any number (`maxClientCnxns`).
    public var connectionsPerAddressMax = 60
    /// Connections in all; 0 for any number (`maxCnxns`).
    public var connectionsMax = 0
    /// The longest request, in bytes (`jute.maxbuffer`).
    public var frameBytesMax = 0xfffff
    /// How much longer than ``frameBytesMax`` a string or buffer may say that it is; nil for as much again
    /// (`jute.maxbuffer.extrasize`).
    public var lengthBytesExtra: Int?
    /// Whether the system probes silent connections of clients (`clientTcpKeepAlive`).
    public var probesSilentClients = false
    /// Requests in the pipeline above which clients with requests in it are not read from (`globalOutstandingLimit`).
    public var outstandingRequestsMax = 1000
    /// Reply bytes that a client leaves unread before its connection is closed.
    public var unreadReplyBytesMax = 256 << 20
    /// Reply bytes that all clients together leave unread before the connection with most of them is closed.
    public var unreadReplyBytesAllMax = 512 << 20
    /// How long a connection may take to ask for a session, in milliseconds.
    public var handshakeMillisMax = 10_000
    /// The queue of connections that were not accepted yet; nil for the system's (`clientPortListenBacklog`).
    public var listenBacklog: Int?
    /// Event loops; nil for one on two cores and half as many as cores above that.
    public var eventLoops: Int?
    /// The number of this server in session IDs (`serverId` of Apache's `conf`, 1 for standalone in IDs).
    public var serverID = 1

    /// Whether there are TTL znodes (`extendedTypesEnabled`).
    public var extendedTypesEnabled = false
    /// Whether hard quotas refuse requests (`enforceQuota`).
    public var enforceQuota = false
    /// Whether access control lists are not looked at (`skipACL`).
    public var skipACL = false
    /// Whether the digest of the tree is kept and logged (`digest.enabled`).
    public var digestEnabled = true
    /// Whether reconfig answers that it is not implemented, rather than that it is off (`reconfigEnabled`).
    public var reconfigEnabled = false
    /// Whether the scheme digest is there (`DigestAuthenticationProvider.enabled`).
    public var hasDigestScheme = true
    /// Whoever has logged in with SASL may do what the ID of this name may in access control lists
    /// (`letAnySaslUserDoX`).
    public var anySASLUser: String?
    /// The super user, as `super:` and the base64 of a SHA-1 (`DigestAuthenticationProvider.superDigest`).
    public var superDigest: String?
    /// The subject of the certificate that makes a super user (`X509AuthenticationProvider.superUser`).
    public var x509SuperUser: String?
    /// Who may log in with SASL; nil when nobody can.
    public var sasl: ServerSASLOptions?
    /// Requests of clients without an identity of one of these schemes are refused, and the connection is closed
    /// (`sessionRequireClientSASLAuth`, `enforce.auth.schemes`). Empty: everybody gets in.
    public var requiredSchemes: Set<String> = []
    /// Schemes beside digest and ip that may stand in access control lists (`authProvider.x509` and the like).
    public var extraSchemes: Set<String> = []
    /// How often containers and TTL znodes are looked through, in milliseconds (`znode.container.checkIntervalMs`).
    public var containerCheckMillis = 60_000
    /// Containers deleted in a minute at most (`znode.container.maxPerMinute`).
    public var containersPerMinuteMax = 10_000
    /// The age at which a container that never had a child is deleted; 0 for never
    /// (`znode.container.maxNeverUsedIntervalMs`).
    public var containerNeverUsedMillisMax = 0
    /// The four-letter words that are answered; `*` for all (`4lw.commands.whitelist`).
    public var fourLetterWords: Set<String> = ["srvr", "ruok", "stat", "mntr", "isro", "conf"]

    /// Whether `isro` is answered in any case, since clients of servers that may be read-only ask for it
    /// (`readonlymode.enabled`).
    public var isReadOnlyModeEnabled = false

    /// Whether a four-letter word is answered. Source: `FourLetterCommands.isEnabled`.
    func answers(_ word: String) -> Bool {
        // zkServer.sh asks with srvr whether the server runs.
        fourLetterWords.contains("*") || fourLetterWords.contains(word) || word == "srvr"
            || word == "isro" && isReadOnlyModeEnabled
    }

    /// The four-letter words that change nothing: all that a shell asks by.
    public static let readingFourLetterWords: Set<String> = [
        "conf", "cons", "dirs", "dump", "envi", "gtmk", "hash", "isro", "mntr", "ruok", "srvr", "stat", "wchc", "wchp",
        "wchs",
    ]

    /// Whether a data directory that is missing is made (`datadir.autocreate`).
    public var createsDirectories = true
    /// The room that a log file takes in advance, in bytes; 0 for none (`preAllocSize`).
    public var preallocationBytes = 64 << 20
    /// Txns after which the log is rolled and a snapshot taken, at the latest (`snapCount`).
    public var snapCount = 100_000
    /// Bytes of log likewise (`snapSizeLimitInKb`); 0 for any number.
    public var snapBytes = 4 << 30
    /// The size of a log file behind which the next one begins, in bytes; 0 for any size (`txnLogSizeLimitInKb`).
    public var logFileBytesMax = 0
    /// A sync of the log that takes longer is warned about, in milliseconds (`fsync.warningthresholdms`).
    public var slowSyncMillis = 1000
    /// Whether logs without any snapshot are recovered (`snapshot.trust.empty`).
    public var trustsMissingSnapshot = false
    /// Whether a start goes on though txns are missing between the snapshot and the log: without them.
    public var acceptsGap = false
    /// Whether snapshots are packed with gzip (`snapshot.compression.method=gz`).
    public var compressesSnapshots = false
    /// False acknowledges what a power loss may take away (`forceSync=no`).
    public var syncsLog = true
    /// Snapshots that purging keeps (`autopurge.snapRetainCount`).
    public var snapshotsKept = 3
    /// Hours between purges; 0 for never (`autopurge.purgeInterval`).
    public var purgeHours = 0

    /// Faults to make on purpose; nil for none.
    public var faults: ServerFaults?

    /// Where an HTTP server listens.
    public struct HTTP: Sendable {
        public var isEnabled = false
        public var host = "127.0.0.1"
        public var port: Int
        /// Where the commands are (`admin.commandURL`).
        public var commandPath = "/commands"
        /// How long a connection may take for its next request, or to take an answer, in milliseconds
        /// (`admin.idleTimeout`).
        public var idleMillisMax = 30_000
        /// Whether the super user may ask for snapshots (`admin.snapshot.enabled`).
        public var givesSnapshots = true
        /// The time from one snapshot that was asked for to the next; 0 for none (`admin.rateLimiterIntervalInMS`).
        public var snapshotPauseMillis = 0

        init(port: Int) {
            self.port = port
        }
    }

    /// The admin server, off unless asked for (`admin.enableServer` and the like). It has `/metrics` as well.
    public var admin = HTTP(port: 8080)
    /// A server of its own for `/metrics` (`metricsProvider.className`, `metricsProvider.httpPort`).
    public var metrics = HTTP(port: 7000)
    /// The text of the file that this was read from: `initial_configuration`.
    public var sourceText: String?
    /// The disk; another one stands in for it in tests.
    var fileSystem: any FileSystem = PosixFileSystem()

    /// Where structured logs go.
    public var logger: Logger

    public init(logger: Logger = Logger(label: "zoosh.server", factory: { _ in SwiftLogNoOpLogHandler() })) {
        self.logger = logger
    }

    /// A user and a password as ``superDigest`` has them.
    public static func digest(user: String, password: String) -> String {
        String(decoding: DigestIdentity.id(ofCredentials: Array("\(user):\(password)".utf8)), as: UTF8.self)
    }

    /// ``extraSchemes`` and those that other settings bring.
    var registeredSchemes: Set<String> {
        var schemes = extraSchemes
        if tls != nil { schemes.insert("x509") }
        if sasl != nil { schemes.insert("sasl") }
        return schemes
    }

    /// The longest log record that is made: twice `jute.maxbuffer`, beyond which Apache ZooKeeper does not read it back.
    var recordBytesMax: Int {
        min(frameBytesMax + max(frameBytesMax, 1024), Int(Int32.max) - 1024)
    }

    var sessionTimeoutMillisRange: ClosedRange<Int> {
        let min = sessionTimeoutMillisMin ?? tickMillis * 2
        return min...max(min, sessionTimeoutMillisMax ?? tickMillis * 20)
    }

    /// Either limit alone may contradict what follows from the tick for the other.
    func checkSessionTimeouts() throws(ConfigurationError) {
        let (min, max) = (sessionTimeoutMillisMin ?? tickMillis * 2, sessionTimeoutMillisMax ?? tickMillis * 20)
        guard min > max else { return }
        func origin(_ value: Int?, _ ticks: Int) -> String { value == nil ? " (\(ticks) ticks)" : "" }
        throw ConfigurationError(
            "minSessionTimeout=\(min)\(origin(sessionTimeoutMillisMin, 2)) is above "
                + "maxSessionTimeout=\(max)\(origin(sessionTimeoutMillisMax, 20)). Set both, or the tick.")
    }
}
