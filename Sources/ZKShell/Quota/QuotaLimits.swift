/// The content of a `zookeeper_limits` or `zookeeper_stats` znode: `count=5,bytes=-1=;byteHardLimit=-1;…`.
///
/// The two limits that are as old as ZooKeeper come first; the `=` after them makes old servers ignore the rest.
/// A missing limit is -1. Source: `StatsTrack`.
struct QuotaLimits: Hashable, Sendable {
    var count: Int64?
    var bytes: Int64?
    var hardCount: Int64?
    var hardBytes: Int64?
    /// Whether the hard limits are written even when there are none.
    var hasHardFields = true

    init() {}

    init(_ data: [UInt8]) {
        hasHardFields = false
        for pair in String(decoding: data, as: UTF8.self).split(whereSeparator: { $0 == "," || $0 == ";" }) {
            let parts = pair.split(separator: "=")
            guard parts.count >= 2, let value = Int64(parts[1]) else { continue }
            let limit = value < 0 ? nil : value
            switch parts[0] {
            case "count": count = limit
            case "bytes": bytes = limit
            case "countHardLimit":
                hardCount = limit
                hasHardFields = true
            case "byteHardLimit":
                hardBytes = limit
                hasHardFields = true
            default: continue
            }
        }
    }

    var text: String {
        let base = "count=\(count ?? -1),bytes=\(bytes ?? -1)"
        guard hasHardFields || hardCount != nil || hardBytes != nil else { return base }
        return base + "=;byteHardLimit=\(hardBytes ?? -1);countHardLimit=\(hardCount ?? -1)"
    }

    /// Takes over the limits that `change` has.
    mutating func apply(_ change: QuotaLimits) {
        count = change.count ?? count
        bytes = change.bytes ?? bytes
        hardCount = change.hardCount ?? hardCount
        hardBytes = change.hardBytes ?? hardBytes
    }
}
