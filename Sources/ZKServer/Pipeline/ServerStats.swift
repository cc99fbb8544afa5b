/// What `srvr` counts. Each loop has one of its own, changed under either lock on the loop; the log thread has another.
struct ServerStats {
    var received: Int64 = 0
    var sent: Int64 = 0
    var latency = LatencyStats()

    mutating func merge(_ other: ServerStats) {
        received += other.received
        sent += other.sent
        latency.merge(other.latency)
    }
}
