extension BenchReport {
    /// The heading of the lines that ``textLine`` gives.
    public static let textHeading =
        pad("operation", 10, right: true) + pad("requests", 11) + pad("per second", 12) + pad("mean", 9)
        + pad("p50", 9) + pad("p90", 9) + pad("p99", 9) + pad("p99.9", 9) + pad("max", 9) + "  latencies in ms"

    /// One line for people.
    public var textLine: String {
        var line = Self.pad(operation.rawValue, 10, right: true) + Self.pad("\(requestCount)", 11)
        line += Self.pad("\(Int(requestsPerSecond.rounded()))", 12)
        let latencies =
            [meanMicros] + [50, 90, 99, 99.9].map { latencyMicros(percentile: $0) } + [maxMicros]
        for micros in latencies { line += Self.pad(Self.millis(micros), 9) }
        if let verified { line += "  \(verified) writes verified" }
        if errorCount > 0 {
            let names = errors.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
            line += "  errors: \(names.joined(separator: ", "))"
        }
        return line
    }

    /// One line of JSON; latencies are in microseconds.
    public var json: String {
        let fields: [(String, String)] =
            [
                ("operation", Self.quoted(operation.rawValue)), ("connections", "\(options.connections)"),
                ("inFlight", "\(options.inFlight)"), ("valueBytes", "\(options.valueBytes)"),
                ("seconds", Self.decimal(seconds)), ("requests", "\(requestCount)"),
                ("requestsPerSecond", Self.decimal(requestsPerSecond)), ("errors", "\(errorCount)"),
                ("errorsByCode", Self.object(errors.sorted { $0.key < $1.key }.map { ($0.key, "\($0.value)") })),
                ("verifiedWrites", verified.map(String.init) ?? "null"),
            ] + [("latencyMicros", latencyObject)]
        return Self.object(fields)
    }

    private var latencyObject: String {
        Self.object(
            [("min", Self.decimal(minMicros)), ("mean", Self.decimal(meanMicros))]
                + [50, 90, 99, 99.9, 99.99].map {
                    ("p\($0)", $0)
                }.map { name, percentile in
                    (
                        name.hasSuffix(".0") ? String(name.dropLast(2)) : name,
                        Self.decimal(latencyMicros(percentile: percentile))
                    )
                } + [("max", Self.decimal(maxMicros))])
    }

    private static func object(_ fields: [(String, String)]) -> String {
        "{" + fields.map { "\(quoted($0.0)):\($0.1)" }.joined(separator: ",") + "}"
    }

    /// For names of our own, which need no escapes.
    private static func quoted(_ text: String) -> String { "\"\(text)\"" }

    private static func decimal(_ value: Double) -> String {
        let thousandths = Int((value * 1_000).rounded())
        let fraction = String(thousandths % 1_000)
        return "\(thousandths / 1_000).\(String(repeating: "0", count: 3 - fraction.count))\(fraction)"
    }

    private static func millis(_ micros: Double) -> String { decimal(micros / 1_000) }

    private static func pad(_ text: String, _ width: Int, right: Bool = false) -> String {
        let blanks = String(repeating: " ", count: Swift.max(0, width - text.count))
        return right ? text + blanks : blanks + text
    }
}
