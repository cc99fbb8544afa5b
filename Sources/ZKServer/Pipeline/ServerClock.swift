#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The clocks of the server: one that only grows, and the wall's.
struct ServerClock: Sendable {
    /// Nanoseconds since some time in the past.
    var nanos: UInt64 { read(CLOCK_MONOTONIC) }

    /// Milliseconds since some time in the past.
    var millis: Int64 { Int64(nanos / 1_000_000) }

    /// Milliseconds since 1970.
    var wallMillis: Int64 { Int64(read(CLOCK_REALTIME) / 1_000_000) }

    private func read(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }
}

/// The time at which the frames of one read are handled: the clocks are asked once for all of them.
struct BatchTime {
    let nanos: UInt64
    let wallMillis: Int64

    var millis: Int64 { Int64(nanos / 1_000_000) }

    init(nanos: UInt64, wallMillis: Int64) {
        self.nanos = nanos
        self.wallMillis = wallMillis
    }

    init(_ clock: ServerClock) {
        nanos = clock.nanos
        wallMillis = clock.wallMillis
    }
}
