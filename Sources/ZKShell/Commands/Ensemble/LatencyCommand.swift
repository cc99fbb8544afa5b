internal import ShellLanguage
internal import ZKClient
internal import ZKCore
internal import ZKText

struct LatencyCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "latency", group: .server, abstract: "Measure how long a request of this session takes.",
        discussion: """
            One request after the other: a read of the root's stat from the server of the session, or with --sync a
            round through the leader, which is what a write waits for beside the disk. Times are milliseconds.
            """,
        examples: [
            .init("latency", "100 requests"), .init("latency -n 1000 --dist", "with the distribution"),
            .init("latency --history 10s", "a line every ten seconds until Ctrl-C"),
        ])

    @Option(name: .customShort("n"), help: ArgumentHelp("How many requests.", valueName: "count"))
    var count = 100

    @Option(name: .customShort("i"), help: ArgumentHelp("Pause between two requests. Default: 10ms.", valueName: "dur"))
    var pause: DurationOperand?

    @Flag(help: "Show how many requests took how long.")
    var dist = false

    @Option(help: ArgumentHelp("Print a line after each such time, and go on.", valueName: "dur"))
    var history: DurationOperand?

    @Flag(help: "Go through the leader: sync in place of a read.")
    var sync = false

    func run(in shell: ShellContext) async throws {
        guard count > 0 else { throw UsageError("-n: at least 1") }
        let client = try await shell.client()
        guard let history else {
            var samples = LatencySamples()
            for index in 0..<count {
                if index > 0 { try await Task.sleep(for: pause?.duration ?? .milliseconds(10)) }
                samples.add(try await measure(client))
            }
            return try shell.emit(LatencyResult(samples: samples, server: client.session.server, showsCounts: dist))
        }
        while true {
            let end = ContinuousClock.now + history.duration
            var samples = LatencySamples()
            repeat {
                samples.add(try await measure(client))
                try await Task.sleep(for: pause?.duration ?? .milliseconds(10))
            } while ContinuousClock.now < end
            try shell.emit(LatencyResult(samples: samples, server: client.session.server, showsCounts: dist))
            try shell.output.flush()
        }
    }

    private func measure(_ client: ZooKeeperClient) async throws -> Duration {
        let start = ContinuousClock.now
        if sync { try await client.sync(.root) } else { _ = try await client.exists(.root) }
        return ContinuousClock.now - start
    }
}

/// Times of requests.
struct LatencySamples: Sendable {
    private(set) var millis: [Double] = []

    mutating func add(_ time: Duration) {
        millis.append(time / .milliseconds(1))
    }

    var average: Double { millis.isEmpty ? 0 : millis.reduce(0, +) / Double(millis.count) }

    /// The smallest time that `fraction` of the requests did not exceed.
    func percentile(_ fraction: Double) -> Double {
        let sorted = millis.sorted()
        guard !sorted.isEmpty else { return 0 }
        let rank = Int((fraction * Double(sorted.count)).rounded(.up))
        return sorted[min(max(rank, 1), sorted.count) - 1]
    }

    /// How many requests took at most 2^k / 16 ms and more than half of that.
    var buckets: [(upToMillis: Double, count: Int)] {
        var buckets: [(upToMillis: Double, count: Int)] = []
        var limit = 1.0 / 16
        var rest = millis.sorted()[...]
        while !rest.isEmpty {
            let count = rest.prefix { $0 <= limit }.count
            if count > 0 || !buckets.isEmpty { buckets.append((limit, count)) }
            rest = rest.dropFirst(count)
            limit *= 2
        }
        return buckets
    }
}

struct LatencyResult: ShellResult {
    var samples: LatencySamples
    var server: String?
    var showsCounts: Bool

    private var figures: [(name: String, millis: Double)] {
        [
            ("min", samples.percentile(0)), ("avg", samples.average), ("p50", samples.percentile(0.5)),
            ("p95", samples.percentile(0.95)), ("p99", samples.percentile(0.99)), ("max", samples.percentile(1)),
        ]
    }

    var json: JSONValue {
        var members = [
            JSONValue.Member(name: "server", value: server.map { .string($0) } ?? .null),
            JSONValue.Member(name: "count", value: .int(Int64(samples.millis.count))),
        ]
        members += figures.map { JSONValue.Member(name: $0.name, value: .double($0.millis)) }
        if showsCounts {
            let buckets = samples.buckets.map {
                JSONValue.members(["upToMillis": .double($0.upToMillis), "count": .int(Int64($0.count))])
            }
            members.append(JSONValue.Member(name: "distribution", value: .array(buckets)))
        }
        return .object(members)
    }

    func writePlain(to output: Output) throws(ShellError) {
        let text = figures.map { "\($0.name) \(Self.text($0.millis))" }.joined(separator: "  ")
        try output.writeLine("\(text)  ms, \(samples.millis.count) requests to \(server ?? "-")")
        guard showsCounts else { return }
        let largest = samples.buckets.map(\.count).max() ?? 1
        for bucket in samples.buckets {
            let bar = String(repeating: "#", count: (bucket.count * 50 + largest - 1) / largest)
            try output.writeLine("<= \(Self.text(bucket.upToMillis)) ms  \(bucket.count)  \(bar)")
        }
    }

    /// With three digits after the point.
    static func text(_ millis: Double) -> String {
        let thousandths = Int64((millis * 1000).rounded())
        let fraction = String(thousandths % 1000)
        return "\(thousandths / 1000).\(String(repeating: "0", count: 3 - fraction.count))\(fraction)"
    }
}
