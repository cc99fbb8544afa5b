import Glibc
internal import ShellLanguage
internal import ZKClient
internal import ZKCore
internal import ZKText

struct TopCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "top", group: .server, abstract: "Show servers and the busiest sessions, again and again.",
        discussion: """
            On a terminal each picture takes the place of the one before; Ctrl-C ends. The sessions are those with the
            most requests since the picture before. Asks by four-letter words, as status and sessions do.
            """,
        examples: [.init("top", "every two seconds"), .init("top 10s -n 6", "for a minute, six pictures")],
        exitStatuses: [
            .init(.connection, "no server answers"), .init(.failure, "no server tells of its sessions"),
        ])

    @Option(help: ArgumentHelp("Ask these servers, host:port separated by commas.", valueName: "hosts"))
    var servers: String?

    @Option(name: .customShort("n"), help: ArgumentHelp("End after this many pictures.", valueName: "count"))
    var count: Int?

    @Argument(help: "The pause between two pictures: 500ms, 2s.")
    var dur: SecondsOperand?

    func run(in shell: ShellContext) async throws {
        if let count, count < 1 { throw UsageError("-n: a number of pictures above 0") }
        let endpoints = try shell.endpoints(servers.map { [$0] } ?? [])
        var before: [Int64: Int] = [:]
        var number = 0
        var lastGaps: [String] = []
        while true {
            async let statuses = StatusProbe(timeout: shell.options.probeTimeout).ask(endpoints, knowing: nil)
            async let sessions = SessionReport.gather(from: endpoints, timeout: shell.options.probeTimeout)
            let (servers, (report, gaps)) = (await statuses, await sessions)
            try Task.checkCancellation()
            guard servers.contains(where: \.isReachable) else {
                throw ShellError(.connection, gaps.isEmpty ? "no server answers" : gaps.joined(separator: "; "))
            }
            let picture = TopResult(
                status: StatusResult(servers: servers, verdict: EnsembleVerdict(of: servers)),
                sessions: TopResult.busiest(report.sessions, since: before), rowsMax: Self.rows(of: shell))
            number += 1
            if shell.output.isTerminal {
                try shell.output.clearScreen()
            } else if number > 1, shell.options.output != .json {
                try shell.output.writeLine()
            }
            try shell.emit(picture)
            try shell.output.flush()
            // Under the picture, and not again and again.
            if gaps != lastGaps { for gap in gaps { shell.warn(gap) } }
            lastGaps = gaps
            if number == count {
                if report.byID.isEmpty, !gaps.isEmpty { throw ShellError.silent(.failure) }
                return
            }
            before = report.byID.mapValues { $0.connection?.received ?? 0 }
            try await Task.sleep(for: dur?.duration ?? .seconds(2))
        }
    }

    /// Lines that the terminal shows; many when it is none.
    private static func rows(of shell: ShellContext) -> Int {
        var size = winsize()
        guard shell.output.isTerminal, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 0 else {
            return .max
        }
        return Int(size.ws_row)
    }
}

/// A picture of servers and sessions.
struct TopResult: ShellResult {
    struct Row: Sendable {
        var session: SessionReport.Session
        /// Since the picture before; since the session began in the first one.
        var requests: Int
    }

    var status: StatusResult
    var sessions: [Row]
    var rowsMax: Int

    /// Those with the most requests first.
    static func busiest(_ sessions: [SessionReport.Session], since before: [Int64: Int]) -> [Row] {
        sessions.map { session in
            let received = session.connection?.received ?? 0
            return Row(session: session, requests: max(0, received - (before[session.id] ?? 0)))
        }
        .sorted { ($0.requests, UInt64(bitPattern: $1.session.id)) > ($1.requests, UInt64(bitPattern: $0.session.id)) }
    }

    var json: JSONValue {
        .members([
            "status": status.json,
            "sessions": .array(
                sessions.map {
                    .members(["requests": .int(Int64($0.requests)), "session": SessionsResult.json(of: $0.session)])
                }),
        ])
    }

    func writePlain(to output: Output) throws(ShellError) {
        try status.writePlain(to: output)
        try output.writeLine()
        var table = Table(columns: [
            .init("REQUESTS", isNumber: true), .init("QUEUED", isNumber: true), .init("EPHEM", isNumber: true),
            .init("WATCHES", isNumber: true), .init("LAST OP"), .init("CLIENT"), .init("SESSION"),
        ])
        // The servers, the verdict, and the titles of both tables.
        let room = max(3, rowsMax == .max ? .max : rowsMax - status.servers.count - 6)
        for row in sessions.prefix(room) {
            let connection = row.session.connection
            table.add([
                String(row.requests), connection?.queued.map { String($0) } ?? "-",
                String(row.session.ephemerals.count), String(row.session.watches.count),
                connection?.lastOperation ?? "-", connection?.client ?? "-", Hex.number(row.session.id),
            ])
        }
        try table.write(to: output)
    }
}
