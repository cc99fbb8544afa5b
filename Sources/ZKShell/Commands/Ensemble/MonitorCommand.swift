internal import ShellLanguage
internal import ZKCore
internal import ZKText

struct MonitorCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "monitor", group: .server, abstract: "Print a line of the ensemble's figures again and again.",
        discussion: """
            Works without a session, as status does. PACKETS/s and WRITES/s are what came since the line before, the
            other figures are of the moment; LATENCY is the average since the servers started.
            """,
        examples: [
            .init("monitor", "a line a second until Ctrl-C"), .init("monitor 5s -n 12", "a minute in lines of 5 s"),
        ],
        exitStatuses: [.init(.connection, "nobody serves at the last line")])

    @Option(name: .customShort("n"), help: ArgumentHelp("Stop after so many lines.", valueName: "lines"))
    var lines: Int?

    @Option(help: ArgumentHelp("Ask these servers, host:port separated by commas.", valueName: "hosts"))
    var servers: String?

    @Argument(help: "Time between two lines; 1s if left out.")
    var interval: DurationOperand?

    func run(in shell: ShellContext) async throws {
        if let lines, lines < 1 { throw UsageError("-n: at least 1") }
        let endpoints = try shell.endpoints(servers.map { [$0] } ?? [])
        let probe = StatusProbe(timeout: shell.options.probeTimeout, adminPort: nil)
        let interval = interval?.duration ?? .seconds(1)
        var before: MonitorSample?
        var printed = 0
        while true {
            let sample = MonitorSample(servers: await probe.ask(endpoints), time: ContinuousClock.now)
            try Task.checkCancellation()
            try shell.emit(MonitorResult(sample: sample, before: before, hasHeader: printed % 20 == 0))
            try shell.output.flush()
            before = sample
            printed += 1
            if printed == lines {
                if !sample.servers.contains(where: \.isServing) { throw ShellError.silent(.connection) }
                return
            }
            try await Task.sleep(for: interval)
        }
    }
}

/// What all servers said at one moment.
struct MonitorSample: Sendable {
    var servers: [ServerStatus]
    var time: ContinuousClock.Instant

    var head: ServerStatus? {
        servers.first { $0.role == .leader } ?? servers.first { $0.isServing }
    }

    /// The one that leads, or stands alone.
    var leader: ServerStatus? {
        servers.first { $0.role == .leader } ?? servers.first { $0.role == .standalone }
    }

    func sum(_ value: KeyPath<ServerStatus, Int?>) -> Int {
        servers.reduce(0) { $0 + ($1[keyPath: value] ?? 0) }
    }

    /// Packets a second since `before`; a server that was restarted meanwhile counts from 0.
    func packetRate(since before: MonitorSample) -> Double {
        let packets = servers.reduce(0) { total, server in
            guard let now = server.received,
                let old = before.servers.first(where: { $0.endpoint == server.endpoint })?.received
            else { return total }
            return total + (now >= old ? now - old : now)
        }
        return Double(packets) / max(0.001, (time - before.time) / .seconds(1))
    }

    /// Txns a second since `before`, within one epoch.
    func writeRate(since before: MonitorSample) -> Double? {
        guard let now = head?.zxid, let old = before.head?.zxid, now.epoch == old.epoch else { return nil }
        let txns = max(0, Int64(now.counter) - Int64(old.counter))
        return Double(txns) / max(0.001, (time - before.time) / .seconds(1))
    }
}

struct MonitorResult: ShellResult {
    var sample: MonitorSample
    var before: MonitorSample?
    var hasHeader: Bool

    private static let titles = [
        "UP", "LEADER", "PACKETS/s", "WRITES/s", "LATENCY ms", "OUTST", "CONNS", "ZNODES", "WATCHES", "EPHEM",
    ]
    private static let widths = [5, 21, 9, 8, 10, 6, 6, 9, 8, 7]

    private var serving: Int { sample.servers.filter(\.isServing).count }

    var json: JSONValue {
        .members([
            "serving": .int(Int64(serving)),
            "servers": .int(Int64(sample.servers.count)),
            "leader": sample.leader.map { .string($0.endpoint) } ?? .null,
            "packetsPerSecond": before.map { .double(sample.packetRate(since: $0)) } ?? .null,
            "writesPerSecond": before.flatMap { sample.writeRate(since: $0) }.map { .double($0) } ?? .null,
            "latencyAvg": sample.head?.latency.map { .double($0.avgMillis) } ?? .null,
            "outstanding": .int(Int64(sample.sum(\.outstanding))),
            "connections": .int(Int64(sample.sum(\.connections))),
            "znodes": sample.head?.znodes.map { .int(Int64($0)) } ?? .null,
            "watches": .int(Int64(sample.sum(\.watches))),
            "ephemerals": sample.head?.ephemerals.map { .int(Int64($0)) } ?? .null,
        ])
    }

    func writePlain(to output: Output) throws(ShellError) {
        if hasHeader {
            try output.write(Self.line(Self.titles), style: .bold)
            try output.writeLine()
        }
        func text(_ value: (some CustomStringConvertible)?) -> String { value.map { "\($0)" } ?? "-" }
        try output.writeLine(
            Self.line([
                "\(serving)/\(sample.servers.count)", text(sample.leader?.endpoint),
                text(before.map { StatusResult.short(sample.packetRate(since: $0)) }),
                text(before.flatMap { sample.writeRate(since: $0) }.map(StatusResult.short)),
                text(sample.head?.latency.map { StatusResult.short($0.avgMillis) }), text(sample.sum(\.outstanding)),
                text(sample.sum(\.connections)), text(sample.head?.znodes), text(sample.sum(\.watches)),
                text(sample.head?.ephemerals),
            ]))
    }

    private static func line(_ cells: [String]) -> String {
        zip(cells, widths).map { cell, width in
            String(repeating: " ", count: max(0, width - cell.count)) + cell
        }.joined(separator: " ")
    }
}
