import ZKCore

/// What `stat` and `cons` tell of a connection.
struct ConnectionStats {
    var received: Int64 = 0
    var sent: Int64 = 0
    /// The type of the last request that was answered.
    var lastType: OpCode?
    var lastXid: Int32?
    var lastZxid: Int64 = -1
    var lastResponseMillis: Int64 = 0
    var latency = LatencyStats()
    var lastLatencyMillis: Int64 = 0
}

/// The time from the arrival of requests to their replies.
struct LatencyStats {
    private(set) var millisMin: Int64 = .max
    private(set) var millisMax: Int64 = 0
    private(set) var millisTotal: Int64 = 0
    private(set) var count: Int64 = 0

    @inline(__always)
    mutating func add(_ millis: Int64) {
        if millis < millisMin { millisMin = millis }
        if millis > millisMax { millisMax = millis }
        millisTotal &+= millis
        count &+= 1
    }

    mutating func merge(_ other: LatencyStats) {
        millisMin = min(millisMin, other.millisMin)
        millisMax = max(millisMax, other.millisMax)
        millisTotal &+= other.millisTotal
        count &+= other.count
    }
}
