internal import ZKClient
internal import ZKCore
internal import ZKText

/// What stands before the cursor: the state of a session, in the user's format or in zkCli's.
struct ShellPrompt {
    let session: ShellSession
    let commandNumber: Int

    var text: String {
        let client = session.connection.currentClient
        let hosts = session.connection.connectString.hosts.map(\.shellText)
        if session.options.isCompatible {
            return "[zk: \(hosts.joined(separator: ","))(\(Self.compatibleState(client?.state))) \(commandNumber)] "
        }
        if let offline = session.offline { return text(of: offline) }
        let server = client?.session.server ?? hosts.first ?? ""
        let colon = server.lastIndex(of: ":") ?? server.endIndex
        var values = PromptFormat.Values()
        values.host = String(server[..<colon])
        values.port = String(server[colon...].dropFirst())
        values.chroot = session.connection.connectString.chroot.map(\.string) ?? ""
        values.workingPath = session.workingPath.string
        values.state = [Self.shownState(client?.state), session.transaction.map { "txn \($0.ops.count)" } ?? ""]
            .filter { !$0.isEmpty }.joined(separator: ", ")
        values.sessionID = client.map { Hex.number($0.session.id) } ?? ""
        values.commandNumber = commandNumber
        values.identities = session.options.credentials.map(\.scheme).joined(separator: ",")
        values.lastStatus = session.lastStatus.rawValue
        let format = PromptFormat(format: session.options.promptFormat ?? PromptFormat.standard)
        return format.text(values, isColored: session.options.usesColor(isTerminal: true))
    }

    private func text(of offline: OfflineView) -> String {
        var values = PromptFormat.Values()
        (values.host, values.port) = offline.label
        values.workingPath = session.workingPath.string
        values.commandNumber = commandNumber
        values.lastStatus = session.lastStatus.rawValue
        let format = PromptFormat(format: session.options.promptFormat ?? PromptFormat.offline)
        return format.text(values, isColored: session.options.usesColor(isTerminal: true))
    }

    private static func shownState(_ state: SessionState?) -> String {
        switch state {
        case .connected: ""
        case .connectedReadOnly: "READ-ONLY"
        case .connecting: "CONNECTING"
        case .expired: "EXPIRED"
        case .authFailed: "AUTH FAILED"
        case .closed, nil: "CLOSED"
        }
    }

    private static func compatibleState(_ state: SessionState?) -> String {
        switch state {
        case .connected: "CONNECTED"
        case .connectedReadOnly: "CONNECTEDREADONLY"
        case .connecting: "CONNECTING"
        case .authFailed: "AUTH_FAILED"
        case .expired, .closed, nil: "CLOSED"
        }
    }
}

extension ConnectString.Host {
    /// As it is written in a connect string.
    var shellText: String { name.contains(":") ? "[\(name)]:\(port)" : "\(name):\(port)" }
}
