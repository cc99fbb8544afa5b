internal import ZKClient
import ZKCore

/// Reads what a server says to the four-letter words `srvr`, `mntr` and `conf`.
enum FourLetterReport {
    static let notServing = "This ZooKeeper instance is not currently serving requests"
    private static let notAllowed = "is not executed because it is not in the whitelist"

    /// Whether the server is there but does not answer this word.
    static func isRefusal(_ text: String) -> Bool {
        text.isEmpty || text.contains(notAllowed)
    }

    /// What to do so that `words` are allowed: our own server is told otherwise than Apache's.
    static func remedy(forWords words: [String], of endpoint: StatusProbe.Endpoint, timeout: Duration) async -> String {
        let list = words.joined(separator: ",")
        let ours = "start it with --4lw '*' or with \(list) in the list of --4lw"
        let theirs = "add \(list) to 4lw.commands.whitelist in its zoo.cfg"
        let answer = try? await FourLetterWord.ask(
            "srvr", host: endpoint.host, port: endpoint.port, timeout: timeout)
        guard let answer, answer.hasPrefix("Zookeeper version: ") else {
            return "\(theirs), or if it is zoosh, \(ours)"
        }
        return answer.prefix { !$0.isNewline }.contains("-zoosh") ? ours : theirs
    }

    /// Takes over what `text` says, in any of the three formats.
    static func merge(_ text: String, into status: inout ServerStatus) {
        if text.hasPrefix(notServing) {
            status.role = .notServing
            return
        }
        for line in text.split(whereSeparator: \.isNewline) {
            if let tab = line.firstIndex(of: "\t") {
                mergeMonitor(key: line[..<tab], value: line[line.index(after: tab)...], into: &status)
            } else if let colon = line.range(of: ": ") {
                mergeServer(key: line[..<colon.lowerBound], value: line[colon.upperBound...], into: &status)
            } else if line.hasPrefix("serverId=") {
                status.serverID = Int(line.dropFirst("serverId=".count))
            }
        }
        let membership = Membership(parsing: text)
        if !membership.isEmpty { status.membership = membership }
    }

    /// A line of `srvr`.
    private static func mergeServer(key: Substring, value: Substring, into status: inout ServerStatus) {
        switch key {
        case "Zookeeper version": status.version = shortVersion(value)
        case "Latency min/avg/max": status.latency = latency(value)
        case "Received": status.received = Int(value)
        case "Sent": status.sent = Int(value)
        case "Connections": status.connections = Int(value)
        case "Outstanding": status.outstanding = Int(value)
        case "Zxid": status.zxid = UInt64(value.dropFirst(2), radix: 16).map { Zxid(rawValue: Int64(bitPattern: $0)) }
        case "Mode": status.role = ServerStatus.Role(mode: value)
        case "Node count": status.znodes = Int(value)
        default: break
        }
    }

    /// A line of `mntr`.
    private static func mergeMonitor(key: Substring, value: Substring, into status: inout ServerStatus) {
        switch key {
        case "zk_version": status.version = shortVersion(value)
        case "zk_server_state": status.role = ServerStatus.Role(mode: value)
        case "zk_num_alive_connections": status.connections = Int(value)
        case "zk_outstanding_requests": status.outstanding = Int(value)
        case "zk_znode_count": status.znodes = Int(value)
        case "zk_watch_count": status.watches = Int(value)
        case "zk_ephemerals_count": status.ephemerals = Int(value)
        case "zk_approximate_data_size": status.dataBytes = Int(value)
        case "zk_packets_received": status.received = Int(value)
        case "zk_packets_sent": status.sent = Int(value)
        default: break
        }
    }

    /// `3.9.4` of `3.9.4-7246445…, built on 2025-08-19 19:53 UTC`.
    static func shortVersion(_ text: some StringProtocol) -> String {
        String(text.prefix { $0 != "-" && $0 != "," && $0 != " " })
    }

    private static func latency(_ text: Substring) -> ServerStatus.Latency? {
        let numbers = text.split(separator: "/").compactMap { Double($0) }
        guard numbers.count == 3 else { return nil }
        return ServerStatus.Latency(minMillis: numbers[0], avgMillis: numbers[1], maxMillis: numbers[2])
    }
}

extension ServerStatus.Role {
    /// From the word that a server uses for its mode.
    init(mode: some StringProtocol) {
        self =
            switch mode {
            case "leader": .leader
            case "follower": .follower
            case "observer": .observer
            case "standalone": .standalone
            case "read-only": .readOnly
            default: .unknown
            }
    }
}

extension Substring {
    /// The first place of `separator`.
    fileprivate func range(of separator: String) -> Range<Index>? {
        firstRange(of: separator)
    }
}
