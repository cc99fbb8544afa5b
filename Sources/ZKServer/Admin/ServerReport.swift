import ZKCore
import ZKTree

/// What the server tells of itself, read at one moment.
struct ServerReport {
    var received: Int64 = 0
    var sent: Int64 = 0
    var latency = LatencyStats()
    var reads = Summary()
    var updates = Summary()
    var connections = 0
    var outstanding = 0
    var zxid = Zxid.zero
    var znodeCount = 0
    var ephemeralCount = 0
    var watchCount = 0
    var dataBytes = 0
    var sessions = 0
    var uptimeSeconds: Int64 = 0
    var snapshots: Int64 = 0
    var files = FileFacts()
    var syncMicros = Summary()
    var batchSizes = Summary()
    var replyBytes = ReplySizes()
    var counters: [String: Int64] = [:]
    /// The bytes of reads and of writes, by the name of a child of the root.
    var readPerNamespace: [String: NamespaceStats.Counts] = [:]
    var writtenPerNamespace: [String: NamespaceStats.Counts] = [:]

    /// The average with four digits, as Java prints it: `0.0`, `0.4106`.
    var averageLatency: String {
        guard latency.count > 0 else { return "0.0" }
        let scaled = (Double(latency.millisTotal) / Double(latency.count) * 10_000).rounded()
        return Self.javaDouble(scaled / 10_000)
    }

    var latencyMillisMin: Int64 { latency.count == 0 ? 0 : latency.millisMin }

    /// Apache counts the root twice: its tree has it under two names.
    var nodeCount: Int { znodeCount + 1 }

    static func javaDouble(_ value: Double) -> String { "\(value)" }
}

/// The sizes of replies: `client_response_size`.
struct ReplySizes {
    var last: Int64 = -1
    var min: Int64 = -1
    var max: Int64 = -1

    @inline(__always)
    mutating func add(_ bytes: Int64) {
        last = bytes
        if bytes > max { max = bytes }
        // -1 as an unsigned number is above all others.
        if UInt64(bitPattern: bytes) < UInt64(bitPattern: min) { min = bytes }
    }

    mutating func merge(_ other: ReplySizes) {
        guard other.last >= 0 else { return }
        last = other.last
        min = min < 0 ? other.min : Swift.min(min, other.min)
        max = Swift.max(max, other.max)
    }
}

/// What only the file system knows. Never asked for under the lock, nor on an event loop.
struct FileFacts: Sendable {
    var openDescriptors = 0
    var descriptorsMax = 0
    var dataDirectoryBytes: Int64 = 0
    var logDirectoryBytes: Int64 = 0
}

extension ServerCore {
    func fileFacts() -> FileFacts {
        let directories = dataDirectories
        return FileFacts(
            openDescriptors: ProcessFacts.openDescriptors, descriptorsMax: ProcessFacts.descriptorsMax,
            dataDirectoryBytes: ProcessFacts.bytes(in: directories.data),
            logDirectoryBytes: ProcessFacts.bytes(in: directories.log))
    }

    func reportWithFiles() -> ServerReport {
        let files = fileFacts()
        var report = lock.withExclusive { self.report() }
        report.files = files
        return report
    }

    /// Under the exclusive lock.
    func report() -> ServerReport {
        var report = ServerReport()
        var total = ServerStats()
        for loop in loops { total.merge(loop.stats) }
        report.received = total.received
        report.sent = total.sent
        report.latency = total.latency
        report.reads = total.reads
        report.updates = total.updates
        report.replyBytes = total.replyBytes
        report.connections = openConnections.count
        report.outstanding = outstanding
        report.zxid = Zxid(rawValue: tree.pointee.lastProcessedZxid)
        report.znodeCount = tree.pointee.znodeCount
        report.ephemeralCount = tree.pointee.ephemeralCount
        report.watchCount = tree.pointee.watches.watchCount
        report.dataBytes = tree.pointee.dataBytes
        report.sessions = sessions.sessions.count
        report.uptimeSeconds = (clock.millis - startedMillis) / 1000
        report.syncMicros = log?.stats.syncMillis ?? Summary()
        report.batchSizes = log?.stats.batchSizes ?? Summary()
        for loop in loops {
            for (name, counts) in loop.readPerNamespace.all {
                report.readPerNamespace[name, default: .init()].merge(counts)
            }
        }
        for (name, counts) in writtenPerNamespace.all { report.writtenPerNamespace[name] = counts }
        report.counters = [
            "connection_rejected": Int64(connectionsRejected),
            "sessionless_connections_expired": Int64(sessionlessExpired),
            "stale_sessions_expired": Int64(sessionsExpired),
            "connection_request_count": Int64(connectionRequests),
            "connection_revalidate_count": Int64(sessionsResumed),
            "auth_failed_count": Int64(authenticationsFailed),
            "prep_processor_request_queued": total.received,
            "sync_processor_request_queued": total.received,
        ]
        return report
    }

    /// Forgets what was counted: `srst`.
    func resetStats() {
        for loop in loops {
            loop.stats = ServerStats()
            loop.readPerNamespace.reset()
        }
        writtenPerNamespace.reset()
    }
}
