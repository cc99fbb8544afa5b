internal import ShellLanguage
internal import ZKClient
internal import ZKCore
internal import ZKReplica
internal import ZKText

struct SessionsCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "sessions", group: .server, abstract: "List the sessions of the ensemble and where they are connected.",
        discussion: """
            Asks every server by the four-letter words cons, dump and wchc, or, where they are not allowed, its admin
            server on port 8080.
            A session without a client has lost its connection and lives until its timeout. Offline: the sessions that
            were open, with their timeouts.
            """,
        examples: [
            .init("sessions", "a table"),
            .init("sessions --servers zk1:2181,zk2:2181", "of other servers"),
        ],
        exitStatuses: [.init(.connection, "no server answers"), .init(.failure, "some servers did not tell all")])

    @Option(help: ArgumentHelp("Ask these servers, host:port separated by commas.", valueName: "hosts"))
    var servers: String?

    func run(in shell: ShellContext) async throws {
        if servers == nil, let replica = try shell.offlineReplica() {
            return try shell.emit(RecordedSessionsResult(replica: replica))
        }
        let endpoints = try shell.endpoints(servers.map { [$0] } ?? [])
        let (report, gaps) = try await shell.sessionReport(from: endpoints)
        try shell.emit(SessionsResult(sessions: report.sessions))
        for gap in gaps { shell.warn(gap) }
        if !gaps.isEmpty { throw ShellError.silent(.failure) }
    }
}

/// The sessions that files have, as a table.
private struct RecordedSessionsResult: ShellResult {
    let replica: Replica

    private var sessions: [(id: Int64, timeoutMillis: Int32)] {
        replica.sessions.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    var json: JSONValue {
        .array(
            sessions.map { session in
                .members([
                    "session": .string(Hex.number(session.id)), "timeoutMillis": .int(Int64(session.timeoutMillis)),
                    "ephemerals": .array(replica.ephemeralPaths(of: session.id).map { JSONValue($0) }),
                ])
            })
    }

    func writePlain(to output: Output) throws(ShellError) {
        var table = Table(columns: [
            .init("SESSION"), .init("TIMEOUT ms", isNumber: true), .init("EPHEM", isNumber: true),
        ])
        for session in sessions {
            let count = replica.ephemeralPaths(of: session.id).count
            table.add([Hex.number(session.id), String(session.timeoutMillis), String(count)])
        }
        try table.write(to: output)
    }
}

/// Sessions as a table.
struct SessionsResult: ShellResult {
    var sessions: [SessionReport.Session]

    var json: JSONValue { .array(sessions.map { Self.json(of: $0) }) }

    static func json(of session: SessionReport.Session) -> JSONValue {
        let connection = session.connection
        func number(_ value: Int?) -> JSONValue { value.map { .int(Int64($0)) } ?? .null }
        return .members([
            "session": .string(Hex.number(session.id)),
            "server": connection.map { .string($0.server) } ?? .null,
            "client": connection.map { .string($0.client) } ?? .null,
            "timeoutMillis": number(connection?.timeoutMillis),
            "queued": number(connection?.queued),
            "received": number(connection?.received),
            "sent": number(connection?.sent),
            "lastOperation": connection?.lastOperation.map { .string($0) } ?? .null,
            "since": connection?.establishedMillis.map { .string(Timestamp.iso(millis: $0)) } ?? .null,
            "ephemerals": .array(session.ephemerals.map { .string($0) }),
            "watches": .array(session.watches.map { .string($0) }),
        ])
    }

    func writePlain(to output: Output) throws(ShellError) {
        var table = Table(columns: [
            .init("SESSION"), .init("SERVER"), .init("CLIENT"), .init("TIMEOUT ms", isNumber: true),
            .init("EPHEM", isNumber: true), .init("WATCHES", isNumber: true), .init("RECEIVED", isNumber: true),
            .init("LAST OP"), .init("SINCE"),
        ])
        for session in sessions {
            let connection = session.connection
            func text(_ value: (some CustomStringConvertible)?) -> String { value.map { "\($0)" } ?? "-" }
            table.add([
                Hex.number(session.id), text(connection?.server), text(connection?.client),
                text(connection?.timeoutMillis),
                String(session.ephemerals.count), String(session.watches.count), text(connection?.received),
                text(connection?.lastOperation), text(connection?.establishedMillis.map { Timestamp.iso(millis: $0) }),
            ])
        }
        try table.write(to: output)
    }
}
