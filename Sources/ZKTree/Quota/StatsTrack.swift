/// The text of a quota's limits or stats: `count=N,bytes=N`, and with hard limits
/// `count=N,bytes=N=;byteHardLimit=N;countHardLimit=N`. Source: `StatsTrack`.
struct StatsTrack {
    private var values: [String: Int64] = [:]

    init() {}

    /// Nil when the text is not of that form.
    init?(_ bytes: UnsafeRawBufferPointer?) {
        guard let bytes, bytes.count > 0 else { return }
        let text = String(decoding: bytes, as: UTF8.self)
        for pair in text.split(whereSeparator: { $0 == "," || $0 == ";" }) {
            let parts = pair.split(separator: "=", omittingEmptySubsequences: false)
            guard parts.count >= 2, let value = parts[1].isEmpty ? -1 : Int64(parts[1]) else { return nil }
            values[String(parts[0])] = value
        }
    }

    var count: Int64 {
        get { values["count"] ?? -1 }
        set { values["count"] = newValue }
    }

    var bytes: Int64 {
        get { values["bytes"] ?? -1 }
        set { values["bytes"] = newValue }
    }

    var countHardLimit: Int64 { values["countHardLimit"] ?? -1 }
    var byteHardLimit: Int64 { values["byteHardLimit"] ?? -1 }

    /// The odd `=` before the first `;` keeps parsers of old servers working.
    var text: String {
        var text = "count=\(count),bytes=\(bytes)"
        let others = values.keys.filter { $0 != "count" && $0 != "bytes" }.sorted()
        if !others.isEmpty { text += "=" }
        for key in others { text += ";\(key)=\(values[key] ?? -1)" }
        return text
    }
}
