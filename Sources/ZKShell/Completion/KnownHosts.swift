internal import ZKClient

/// Servers that completion offers for `connect`.
enum KnownHosts {
    /// Those of `connect` in the history, the newest first, and those that the shell is connected to.
    static func all(in session: ShellSession) -> [String] {
        hosts(inHistory: session.history.all) + session.connection.connectString.hosts.map(\.shellText)
    }

    static func hosts(inHistory lines: [String]) -> [String] {
        var hosts: [String] = []
        for line in lines.reversed() {
            let words = line.split(separator: " ")
            guard words.count == 2, words[0] == "connect" else { continue }
            let host = String(words[1])
            if !hosts.contains(host) { hosts.append(host) }
        }
        return hosts
    }
}
