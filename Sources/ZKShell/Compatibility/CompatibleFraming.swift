internal import ZKClient

/// What zkCli prints around its commands, for `--compat`.
enum CompatibleFraming {
    /// Before the first command.
    static func banner(_ options: ShellOptions, isOneShot: Bool, isInteractive: Bool) -> String {
        let connecting = "Connecting to \(options.server)\n"
        guard !isOneShot else { return connecting }
        return connecting + "Welcome to ZooKeeper!\nJLine support is \(isInteractive ? "enabled" : "disabled")\n"
    }

    /// The lines that announce an event.
    static func lines(state: String = "SyncConnected", type: String, path: String?, zxid: Int64?) -> [String] {
        let event = "WatchedEvent state:\(state) type:\(type) path:\(path ?? "null") zxid: \(zxid ?? -1)"
        return ["", "WATCHER::", "", event]
    }

    static func lines(for event: SessionEvent) -> [String] {
        let state =
            switch event {
            case .connected: "SyncConnected"
            case .connectedReadOnly: "ConnectedReadOnly"
            case .disconnected: "Disconnected"
            case .expired: "Expired"
            case .authFailed: "AuthFailed"
            case .closed: "Closed"
            }
        return lines(state: state, type: "None", path: nil, zxid: nil)
    }
}

extension ShellSession {
    /// Prints the banner, and from now on what becomes of the session.
    func beginCompatibly() {
        guard options.isCompatible else { return }
        let banner = CompatibleFraming.banner(options, isOneShot: isOneShot, isInteractive: isInteractive)
        // A broken output is noticed by the first command.
        try? output.write(banner)
        try? output.flush()
        guard !isInteractive else { return }
        connection.observeClients { [watchNotices] client in
            let events = client.sessionEvents()
            Task {
                for await event in events { watchNotices.enqueue(CompatibleFraming.lines(for: event)) }
            }
        }
    }
}
