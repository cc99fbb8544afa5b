internal import ShellLanguage
internal import ZKClient
internal import ZKCore
internal import ZKText

struct SessionCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "session", group: .server, abstract: "Describe the session.",
        examples: [
            .init("session", "ID, state, server, timeout, last zxid, watches"),
            .init("session > session.txt", "for a report"),
        ])

    func run(in shell: ShellContext) async throws {
        let client = try await shell.client()
        try shell.emit(
            SessionResult(
                session: client.session, state: client.state, chroot: client.configuration.connectString.chroot,
                watchCount: client.armedWatches.count, identities: client.configuration.auth.map(\.scheme)))
    }
}

struct ReconnectCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "reconnect", group: .server, abstract: "Connect again, to the next server, in the same session.",
        discussion: "Ephemeral znodes and watches stay. To begin a new session use connect.",
        examples: [
            .init("reconnect", "a server of the connect string that is not this one, when there is one"),
            .init("reconnect ; session", "and show which server it is"),
        ],
        exitStatuses: [.init(.connection, "no server was reached")])

    func run(in shell: ShellContext) async throws {
        let client = try await shell.client()
        let events = client.sessionEvents()
        client.reconnect()
        // The state changes a moment after the call.
        for await case .disconnected in events { break }
        let session = try await shell.client().session
        try shell.emit(
            DoneResult(details: [
                .init(name: "session", value: .string(Hex.number(session.id))),
                .init(name: "server", value: session.server.map { .string($0) } ?? .null),
            ]))
    }
}

private struct SessionResult: ShellResult {
    var session: SessionInfo
    var state: SessionState
    var chroot: ZnodePath?
    var watchCount: Int
    /// Schemes.
    var identities: [String]

    var json: JSONValue {
        .members([
            "session": .string(Hex.number(session.id)), "state": .string("\(state)"),
            "server": session.server.map { .string($0) } ?? .null,
            "timeoutMillis": .int(session.timeout.milliseconds),
            "lastZxid": .string("\(session.lastZxid)"), "watches": .int(Int64(watchCount)),
            "chroot": chroot.map { JSONValue($0) } ?? .null,
            "identities": .array(identities.map { .string($0) }),
        ])
    }

    func writePlain(to output: Output) throws(ShellError) {
        try output.writeLine("session    \(Hex.number(session.id))")
        try output.writeLine("state      \(state)")
        try output.writeLine("server     \(session.server ?? "-")")
        try output.writeLine("timeout    \(session.timeout.milliseconds) ms")
        try output.writeLine("last zxid  \(session.lastZxid)")
        try output.writeLine("watches    \(watchCount)")
        if let chroot { try output.writeLine("chroot     \(chroot)") }
        if !identities.isEmpty { try output.writeLine("identities \(identities.joined(separator: ", "))") }
    }
}
