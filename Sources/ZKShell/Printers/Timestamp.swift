import Glibc

/// Times as text.
enum Timestamp {
    /// The time now, in milliseconds since 1970.
    static func nowMillis() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    /// ISO 8601 in UTC with milliseconds: `2026-11-20T23:20:28.123Z`.
    static func iso(millis: Int64) -> String {
        let (seconds, rest) = millis.quotientAndRemainder(dividingBy: 1000)
        var time = time_t(rest < 0 ? seconds - 1 : seconds)
        let fraction = String(rest < 0 ? rest + 1000 : rest)
        var fields = tm()
        gmtime_r(&time, &fields)
        return format(&fields, "%Y-%m-%dT%H:%M:%S") + "."
            + String(repeating: "0", count: 3 - fraction.count) + fraction + "Z"
    }

    /// Java's `Date.toString` in the local zone, as zkCli prints it: `Fri Nov 20 23:20:28 UTC 2026`.
    static func java(millis: Int64) -> String {
        var time = time_t(millis >= 0 ? millis / 1000 : (millis - 999) / 1000)
        var fields = tm()
        localtime_r(&time, &fields)
        return format(&fields, "%a %b %d %H:%M:%S %Z %Y")
    }

    private static func format(_ fields: inout tm, _ format: String) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 80) { buffer in
            let length = strftime(buffer.baseAddress!, buffer.count, format, &fields)
            return String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }
}
