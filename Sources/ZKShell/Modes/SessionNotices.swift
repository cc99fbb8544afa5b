internal import ZKClient
internal import ZKCore

/// What the user of a prompt is told about the session.
struct SessionNotices {
    private var wasConnected = false
    private var isLost = false

    mutating func lines(for event: SessionEvent, client: ZooKeeperClient) -> [String] {
        switch event {
        case .connected(let info):
            defer { (wasConnected, isLost) = (true, false) }
            let server = info.server ?? "a server"
            return isLost ? ["connected to \(server) again, same session"] : []
        case .connectedReadOnly(let info):
            (wasConnected, isLost) = (true, false)
            return ["connected to \(info.server ?? "a server"), which has no quorum: reads only"]
        case .disconnected(let reason):
            // The first search for a server is told by the prompt.
            guard wasConnected, !isLost else { return [] }
            isLost = true
            return ["connection lost (\(reason)); looking for another server"]
        case .expired:
            let watches = client.armedWatches.map(\.path.string)
            var lines = ["session expired: its ephemeral znodes and watches are gone; starting a new session"]
            if !watches.isEmpty { lines.append("watches lost: " + Set(watches).sorted().joined(separator: ", ")) }
            return lines
        case .authFailed:
            return ["the server refuses the credentials; `connect` starts a new session"]
        case .closed:
            return []
        }
    }
}
