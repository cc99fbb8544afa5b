import ZKCore

/// What `srvr` counts. Each loop has one of its own, changed under either lock on the loop, or under the exclusive one.
struct ServerStats {
    var received: Int64 = 0
    var sent: Int64 = 0
    var latency = LatencyStats()
    /// In milliseconds.
    var reads = Summary()
    var updates = Summary()
    var replyBytes = ReplySizes()

    @inline(__always)
    mutating func note(_ type: OpCode, latencyMillis: Int64, replyBytes bytes: Int) {
        replyBytes.add(Int64(bytes))
        latency.add(latencyMillis)
        switch type {
        case .create, .create2, .createContainer, .createTTL, .delete, .deleteContainer, .setData, .setACL, .multi,
            .reconfig, .createSession, .closeSession:
            updates.add(latencyMillis)
        default:
            reads.add(latencyMillis)
        }
    }

    mutating func merge(_ other: ServerStats) {
        received += other.received
        sent += other.sent
        latency.merge(other.latency)
        reads.merge(other.reads)
        updates.merge(other.updates)
        replyBytes.merge(other.replyBytes)
    }
}

/// What the log thread counts.
struct LogStats {
    var syncMillis = Summary()
    var batchSizes = Summary()
}
