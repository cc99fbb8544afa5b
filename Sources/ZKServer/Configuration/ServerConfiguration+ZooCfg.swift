public import Logging
import ZKCore

/// A configuration file of Apache ZooKeeper. Source: `QuorumPeerConfig`, and the system properties it sets: any key
/// that it does not know becomes one, so all of them may stand in the file.
extension ServerConfiguration {
    /// Reads the text of a `zoo.cfg`.
    ///
    /// - Parameter logger: goes into the configuration.
    /// - Returns: the configuration, and for each key that changes nothing here one line that says so.
    /// - Throws: ``ConfigurationError`` for a value that cannot be read, and for the members of an ensemble.
    public static func parse(
        zooCfg text: String, logger: Logger
    ) throws(ConfigurationError) -> (configuration: ServerConfiguration, ignored: [String]) {
        var reader = ZooCfgReader(logger: logger)
        for (key, value) in JavaProperties.parse(text) {
            try reader.take(key: key, value: value.trimmed)
        }
        reader.configuration.sourceText = SecurityProperties.redacting(text)
        let configuration = try reader.finished()
        return (configuration, reader.ignored)
    }
}

/// Turns keys into a configuration, one at a time.
struct ZooCfgReader {
    var configuration: ServerConfiguration
    private(set) var ignored: [String] = []
    private var security = SecurityProperties()
    private var hasPlainPort = false
    private var hasPlainAddress = false
    /// The lines `server.N`.
    private var members: Set<String> = []

    init(logger: Logger) {
        configuration = ServerConfiguration(logger: logger)
        // Apache listens on all addresses on 2181 unless told otherwise; the address stays loopback here.
        configuration.port = 2181
    }

    mutating func take(key: String, value: String) throws(ConfigurationError) {
        // `-Dzookeeper.name` and `name` in the file are the same.
        let name = key.hasPrefix("zookeeper.") ? String(key.dropFirst("zookeeper.".count)) : key
        switch ZooCfgKey.find(name)?.treatment {
        case nil: ignored.append("\(key): ignored")
        case .ignored(let reason): ignored.append("\(key): ignored, \(reason)")
        case .refused(let values, let reason):
            guard values.contains(value.lowercased()) else {
                throw ConfigurationError("\(key)=\(value) cannot be honoured: \(reason). Leave it out to go without.")
            }
        case .honoured: try takeHonoured(key, name, value)
        }
    }

    private mutating func takeHonoured(_ key: String, _ name: String, _ value: String) throws(ConfigurationError) {
        if name.hasPrefix("server.") {
            members.insert(name)
            return
        }
        if security.take(name, value) { return }
        if name == "clientPort" { hasPlainPort = true }
        if name == "clientPortAddress" { hasPlainAddress = true }
        if try takeFileKey(name, value) { return }
        if try takeProperty(name, value) { return }
        ignored.append("\(key): ignored, providers of authentication cannot be added")
    }

    mutating func finished() throws(ConfigurationError) -> ServerConfiguration {
        guard configuration.dataDirectory?.isEmpty == false else {
            throw ConfigurationError("dataDir is not set. Add a line such as dataDir=/var/lib/zookeeper.")
        }
        if members.count > 1 {
            throw ConfigurationError(
                "\(members.sorted().joined(separator: ", ")): this server runs alone. Leave out the members of an ensemble, "
                    + "or run Apache ZooKeeper.")
        }
        // As Apache does, which calls it an error and serves.
        for member in members { ignored.append("\(member): ignored, one member makes no ensemble") }
        if hasPlainAddress, !hasPlainPort {
            throw ConfigurationError("clientPortAddress is set but clientPort is not. Set both.")
        }
        try configuration.checkSessionTimeouts()
        var configuration = configuration
        try security.apply(to: &configuration, hasPlainPort: hasPlainPort)
        return configuration
    }

    /// The keys that Apache reads from the file itself.
    private mutating func takeFileKey(_ key: String, _ value: String) throws(ConfigurationError) -> Bool {
        switch key {
        case "dataDir": configuration.dataDirectory = value
        case "dataLogDir": configuration.dataLogDirectory = value
        case "clientPort": configuration.port = try integer(key, value, in: 0...65_535)
        case "clientPortAddress": configuration.host = value
        case "tickTime": configuration.tickMillis = try integer(key, value, in: 1...Int(Int32.max))
        case "maxClientCnxns": configuration.connectionsPerAddressMax = try integer(key, value, in: 0...Int(Int32.max))
        case "minSessionTimeout": configuration.sessionTimeoutMillisMin = try optionalInteger(key, value)
        case "maxSessionTimeout": configuration.sessionTimeoutMillisMax = try optionalInteger(key, value)
        case "clientPortListenBacklog": configuration.listenBacklog = try optionalInteger(key, value)
        case "autopurge.snapRetainCount": configuration.snapshotsKept = max(3, try integer(key, value, in: 0...1 << 20))
        case "autopurge.purgeInterval": configuration.purgeHours = try integer(key, value, in: 0...1 << 20)
        case "reconfigEnabled": configuration.reconfigEnabled = Self.boolean(value)
        case "4lw.commands.whitelist":
            configuration.fourLetterWords = Set(value.split(separator: ",").map { String($0).trimmed })
        case "admin.enableServer": configuration.admin.isEnabled = Self.boolean(value)
        case "admin.serverPort": configuration.admin.port = try integer(key, value, in: 0...65_535)
        case "admin.serverAddress": configuration.admin.host = value
        case "admin.commandURL": configuration.admin.commandPath = value
        case "admin.idleTimeout": configuration.admin.idleMillisMax = try number(key, value, in: 1...Int(Int32.max))
        case "admin.snapshot.enabled": configuration.admin.givesSnapshots = Self.boolean(value)
        case "admin.restore.enabled": break
        case "admin.rateLimiterIntervalInMS":
            configuration.admin.snapshotPauseMillis = try number(key, value, in: 0...Int(Int32.max))
        case "metricsProvider.className":
            configuration.metrics.isEnabled = value.hasSuffix("PrometheusMetricsProvider")
        case "metricsProvider.httpHost": configuration.metrics.host = value
        case "metricsProvider.httpPort": configuration.metrics.port = try integer(key, value, in: 0...65_535)
        default: return false
        }
        return true
    }

    /// The keys that Apache takes as system properties.
    private mutating func takeProperty(_ key: String, _ value: String) throws(ConfigurationError) -> Bool {
        switch key {
        case "jute.maxbuffer": configuration.frameBytesMax = try number(key, value, in: 1...(1 << 30))
        case "jute.maxbuffer.extrasize": configuration.lengthBytesExtra = try number(key, value, in: 0...(1 << 30))
        case "clientTcpKeepAlive": configuration.probesSilentClients = Self.boolean(value)
        case "readonlymode.enabled": configuration.isReadOnlyModeEnabled = Self.boolean(value)
        case "letAnySaslUserDoX": configuration.anySASLUser = value
        case "DigestAuthenticationProvider.enabled": configuration.hasDigestScheme = Self.boolean(value)
        case "globalOutstandingLimit":
            configuration.outstandingRequestsMax = try number(key, value, in: 1...Int(Int32.max))
        case "maxCnxns": configuration.connectionsMax = try number(key, value, in: 0...Int(Int32.max))
        case "nio.sessionlessCnxnTimeout":
            configuration.handshakeMillisMax = try number(key, value, in: 1...Int(Int32.max))
        case "snapCount": configuration.snapCount = max(2, try number(key, value, in: 0...Int(Int32.max)))
        case "snapSizeLimitInKb": configuration.snapBytes = try number(key, value, in: -1...(1 << 40)) * 1024
        case "txnLogSizeLimitInKb":
            configuration.logFileBytesMax = max(0, try number(key, value, in: -1...(1 << 40))) * 1024
        case "fsync.warningthresholdms":
            configuration.slowSyncMillis = try number(key, value, in: -1...Int(Int32.max))
        case "preAllocSize": configuration.preallocationBytes = try number(key, value, in: 0...(1 << 30)) * 1024
        case "forceSync": configuration.syncsLog = value != "no"
        case "datadir.autocreate": configuration.createsDirectories = Self.boolean(value)
        case "snapshot.trust.empty": configuration.trustsMissingSnapshot = Self.boolean(value)
        case "snapshot.compression.method": try takeCompression(value)
        case "digest.enabled": configuration.digestEnabled = Self.boolean(value)
        case "extendedTypesEnabled": configuration.extendedTypesEnabled = Self.boolean(value)
        case "enforceQuota": configuration.enforceQuota = Self.boolean(value)
        case "skipACL": configuration.skipACL = value == "yes"
        case "DigestAuthenticationProvider.superDigest": configuration.superDigest = value
        case "znode.container.checkIntervalMs":
            configuration.containerCheckMillis = try number(key, value, in: 1...Int(Int32.max))
        case "znode.container.maxPerMinute":
            configuration.containersPerMinuteMax = try number(key, value, in: 1...Int(Int32.max))
        case "znode.container.maxNeverUsedIntervalMs":
            configuration.containerNeverUsedMillisMax = try number(key, value, in: 0...Int(Int32.max))
        default:
            guard key.hasPrefix("authProvider.") else { return false }
            return takeProvider(value)
        }
        return true
    }

    private mutating func takeCompression(_ value: String) throws(ConfigurationError) {
        switch value {
        case "": configuration.compressesSnapshots = false
        case "gz": configuration.compressesSnapshots = true
        default:
            throw ConfigurationError(
                "snapshot.compression.method=\(value): snapshots are written plain or with gz; snappy is only read.")
        }
    }

    private mutating func takeProvider(_ className: String) -> Bool {
        if className.hasSuffix("X509AuthenticationProvider") {
            configuration.extraSchemes.insert("x509")
        } else if className.hasSuffix("SASLAuthenticationProvider") {
            configuration.extraSchemes.insert("sasl")
        } else {
            return false
        }
        return true
    }

    private func integer(_ key: String, _ value: String, in range: ClosedRange<Int>) throws(ConfigurationError) -> Int {
        guard let number = Int(value), range.contains(number) else {
            throw ConfigurationError(
                "\(key)=\(value): a whole number from \(range.lowerBound) to \(range.upperBound) is expected.")
        }
        return number
    }

    /// As `Integer.getInteger` of Java reads a system property: also hexadecimal and octal.
    private func number(_ key: String, _ value: String, in range: ClosedRange<Int>) throws(ConfigurationError) -> Int {
        let isNegative = value.hasPrefix("-")
        let digits = isNegative || value.hasPrefix("+") ? value.dropFirst() : value[...]
        var number: Int?
        if let prefix = ["0x", "0X", "#"].first(where: digits.hasPrefix) {
            number = Int(digits.dropFirst(prefix.count), radix: 16)
        } else if digits.count > 1, digits.hasPrefix("0") {
            number = Int(digits.dropFirst(), radix: 8)
        } else {
            number = Int(digits)
        }
        guard let magnitude = number, digits.first?.isHexDigit == true || digits.hasPrefix("#"), magnitude >= 0,
            range.contains(isNegative ? -magnitude : magnitude)
        else { return try integer(key, value, in: range) }
        return isNegative ? -magnitude : magnitude
    }

    /// -1 stands for what follows from other keys.
    private func optionalInteger(_ key: String, _ value: String) throws(ConfigurationError) -> Int? {
        let number = try integer(key, value, in: -1...Int(Int32.max))
        return number == -1 ? nil : number
    }

    private static func boolean(_ value: String) -> Bool { value.lowercased() == "true" }
}

extension String {
    fileprivate var trimmed: String {
        var text = Substring(self)
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }
}
