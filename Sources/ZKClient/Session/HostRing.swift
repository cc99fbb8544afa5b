/// Which host is tried next, and after which pause.
///
/// The hosts are shuffled once and then tried in ring order. The first try after a loss follows at once; each round
/// that found no server doubles the pause, up to a second. Java pauses a random time below a second before every try:
/// ours finds the next server sooner after a single failure, and is as gentle when the whole ensemble is down.
struct HostRing {
    static let pauseMillisMin: Int64 = 100
    static let pauseMillisMax: Int64 = 1000

    /// Indices of the configured hosts.
    private let order: [Int]
    private var position = -1
    /// Tries since a server was last reached for good.
    private(set) var failures = 0
    private var random: SplitMix64

    init(hostCount: Int, shuffles: Bool, seed: UInt64) {
        precondition(hostCount > 0)
        random = SplitMix64(state: seed)
        order = shuffles ? (0..<hostCount).shuffled(using: &random) : Array(0..<hostCount)
    }

    var hostCount: Int { order.count }

    /// The next host and how long to wait before it is tried.
    mutating func next() -> (host: Int, pauseMillis: Int64) {
        let pause = pauseMillis()
        failures += 1
        position = (position + 1) % order.count
        return (order[position], pause)
    }

    /// The host behind the current one, for a look at it from a connection that works.
    mutating func peekNext() -> Int {
        position = (position + 1) % order.count
        return order[position]
    }

    /// A connection has worked for some time.
    mutating func succeeded() {
        failures = 0
    }

    /// At the start of each round but the first: so many milliseconds that clients do not come back in step.
    private mutating func pauseMillis() -> Int64 {
        let round = failures / order.count
        guard round > 0, failures % order.count == 0 else { return 0 }
        let longest = min(Self.pauseMillisMax, Self.pauseMillisMin << Int64(min(round - 1, 10)))
        return Int64.random(in: longest / 2...longest, using: &random)
    }
}

/// A small generator of random numbers with a seed, so that a test can repeat them.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
