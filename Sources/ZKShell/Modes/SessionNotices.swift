internal import ZKClient
internal import ZKCore
internal import ZKText

/// What the user of a prompt is told about the session.
struct SessionNotices {
    /// What was gone with a session that has expired.
    struct Losses: Equatable {
        var ephemerals: [ZnodePath] = []
        var watches: [ArmedWatch] = []
        /// For how long the shell was stopped before, when it was.
        var suspension: Duration?
        /// How the session ended, as far as the client knows.
        var end: SessionEnd?
    }

    private static let namesMax = 10

    /// Whether the session takes the place of an expired one.
    var followsExpired = false
    private var wasConnected = false
    private var isLost = false

    mutating func lines(for event: SessionEvent, losses: Losses = Losses()) -> [String] {
        switch event {
        case .connected(let info):
            defer { (wasConnected, isLost) = (true, false) }
            let server = info.server ?? "a server"
            if isLost { return ["connected to \(server) again, same session"] }
            return followsExpired && !wasConnected ? ["new session \(Hex.number(info.id)) on \(server)"] : []
        case .connectedReadOnly(let info):
            (wasConnected, isLost) = (true, false)
            return ["connected to \(info.server ?? "a server"), which has no quorum: reads only"]
        case .disconnected(let reason):
            // The first search for a server is told by the prompt.
            guard wasConnected, !isLost else { return [] }
            isLost = true
            return ["connection lost (\(reason)); looking for another server"]
        case .expired, .authFailed:
            return Self.lines(of: losses)
        case .closed:
            return []
        }
    }

    private static func lines(of losses: Losses) -> [String] {
        var ephemerals = "ephemeral znodes lost"
        var first: String
        switch losses.end {
        case .givenUp(let silence):
            // The servers may have been down themselves: then they have ended nothing yet.
            first = "session given up after \(silence.components.seconds) s without an answer of the ensemble"
            ephemerals = "ephemeral znodes that live until the ensemble ends the session"
        case .replaced: first = "session expired: a server has given another one in its place"
        case .authFailed(let reason):
            first = "session over: \(reason ?? "the server refuses the credentials")"
        case .expired, .closed, .unusable, nil: first = "session expired"
        }
        if let suspension = losses.suspension {
            first += " while the shell was stopped for \(suspension.components.seconds) s"
        }
        // Credentials that were refused may be those of the next session, too: only a command starts it.
        if case .authFailed? = losses.end {
            first += "; the next command starts a new one"
        } else {
            first += "; starting a new one"
        }
        var lines = [first]
        if !losses.ephemerals.isEmpty {
            lines.append("\(ephemerals): " + list(losses.ephemerals.map(\.string)))
        }
        let lost = losses.watches.filter { !$0.kind.staysArmed }
        if !lost.isEmpty { lines.append("watches lost: " + list(lost.map { "\($0.path.string) (\($0.kind.name))" })) }
        return lines
    }

    /// What became of the watches that stay armed.
    static func lines(rearmed: [ZnodePath], failed: [(path: ZnodePath, reason: String)]) -> [String] {
        var lines: [String] = []
        if !rearmed.isEmpty { lines.append("watches armed again: " + list(rearmed.map(\.string))) }
        for (path, reason) in failed { lines.append("watch \(path) is lost: \(reason)") }
        return lines
    }

    /// Why each server is of no use, as long as that is so.
    static func lines(notServing servers: [(host: String, failure: String?)]) -> [String] {
        let reasons = servers.map { "\($0.host): \($0.failure ?? "not tried yet")" }.joined(separator: "; ")
        return ["no server serves, trying on: \(reasons)"]
    }

    private static func list(_ names: [String]) -> String {
        let shown = names.prefix(namesMax).joined(separator: ", ")
        return names.count > namesMax ? "\(shown) and \(names.count - namesMax) more" : shown
    }
}

extension ArmedWatch.Kind {
    var staysArmed: Bool { self == .persistent || self == .persistentRecursive }

    fileprivate var name: String {
        switch self {
        case .data: "data"
        case .exist: "creation"
        case .children: "children"
        case .persistent: "persistent"
        case .persistentRecursive: "persistent, recursive"
        }
    }
}

extension ShellSession {
    /// With `--verbose`, says on stderr what becomes of the connection.
    func tellOfConnection() {
        guard options.verbosity > 0, !options.isCompatible else { return }
        let diagnostics = diagnostics
        connection.observeClients { client in
            let events = client.sessionEvents()
            Task {
                for await event in events { diagnostics.writeLine("zoosh: \(Self.text(of: event))") }
            }
        }
    }

    private static func text(of event: SessionEvent) -> String {
        switch event {
        case .connected(let info): "connected to \(info.server ?? "a server"), session \(Hex.number(info.id))"
        case .connectedReadOnly(let info):
            "connected to \(info.server ?? "a server") for reads, session \(Hex.number(info.id))"
        case .disconnected(let reason): "disconnected: \(reason)"
        case .expired: "session expired"
        case .authFailed: "the server refuses the credentials"
        case .closed: "session closed"
        }
    }
}
