import ZKCore

/// What the answers of all servers say of the ensemble as a whole.
struct EnsembleVerdict: Equatable, Sendable {
    enum Health: Equatable, Sendable {
        /// A quorum serves and nothing is odd.
        case healthy
        /// A quorum serves, but something is odd or down.
        case degraded
        /// Nobody serves writes.
        case down

        /// The exit status of `zoosh status`.
        var exitStatus: Int32 {
            switch self {
            case .healthy: 0
            case .degraded: 1
            case .down: 3
            }
        }
    }

    var health: Health
    /// One line: quorum or not, and how many more may fail.
    var summary: String
    /// What is odd, one sentence each.
    var oddities: [String]

    /// A follower this many txns behind is called lagging: far beyond what is in flight in an ensemble under load.
    static let lagMax: Int64 = 1000
}

extension EnsembleVerdict {
    init(of servers: [ServerStatus]) {
        let serving = servers.filter(\.isServing)
        if serving.count == 1, serving[0].role == .standalone, servers.count == 1 {
            self.init(
                health: .healthy, summary: "standalone server: it serves, and no other would take over", oddities: [])
            return
        }
        let leaders = serving.filter { $0.role == .leader }
        var oddities = Self.unreachable(servers)
        oddities += Self.notServing(servers)
        oddities += Self.disagreements(serving, standard: leaders.first)
        oddities += Self.mixedModes(serving)
        oddities += Self.lagging(serving, behind: leaders.first)
        if leaders.count > 1 {
            let names = leaders.map(\.endpoint).joined(separator: ", ")
            oddities.insert("\(leaders.count) servers say that they lead: \(names)", at: 0)
        } else if leaders.isEmpty, serving.contains(where: { $0.role == .follower }) {
            oddities.insert("no leader among the servers asked: it is not in the list, or just lost", at: 0)
        }
        let membership = (leaders.first ?? serving.first { !$0.membership.isEmpty })?.membership ?? Membership()
        if leaders.isEmpty && !serving.contains(where: { $0.role == .follower || $0.role == .standalone }) {
            self.init(health: .down, summary: Self.downSummary(servers), oddities: oddities)
            return
        }
        let summary = Self.quorumSummary(serving, membership: membership)
        self.init(health: oddities.isEmpty ? .healthy : .degraded, summary: summary, oddities: oddities)
    }

    private static func quorumSummary(_ serving: [ServerStatus], membership: Membership) -> String {
        let voters = membership.voterIDs
        guard !voters.isEmpty else {
            let count = serving.filter { $0.role != .observer }.count
            return
                "quorum: \(count) serving; the servers do not tell their membership, so how many may fail is not known"
        }
        // Where the configurations differ, a server may follow a leader that does not count it.
        let up = serving.filter { server in
            (server.role == .leader || server.role == .follower) && server.serverID.map(voters.contains) ?? true
        }.count
        let spare = up - membership.majority
        let tolerance =
            switch spare {
            case ..<0: "fewer than a majority were seen by this command"
            case 0: "no more may fail"
            case 1: "one more may fail"
            default: "\(spare) more may fail"
            }
        return "quorum: \(up) of \(voters.count) voters serve, \(membership.majority) needed; \(tolerance)"
    }

    private static func downSummary(_ servers: [ServerStatus]) -> String {
        let reachable = servers.filter(\.isReachable)
        if reachable.isEmpty { return "down: no server answers" }
        if reachable.contains(where: { $0.role == .readOnly }) {
            return "no quorum: \(reachable.count) of \(servers.count) servers answer, read-only at best"
        }
        return "no quorum: \(reachable.count) of \(servers.count) servers answer, none serves"
    }

    private static func unreachable(_ servers: [ServerStatus]) -> [String] {
        servers.compactMap { server in
            guard case .none(let reason) = server.answer else { return nil }
            return "\(server.endpoint) does not answer: \(reason)"
        }
    }

    /// A server judges the majority by its own configuration: one that is up and does not serve either sees too few of
    /// its voters, or was not told of those that serve without it.
    private static func notServing(_ servers: [ServerStatus]) -> [String] {
        let known = servers.first { $0.isServing && !$0.membership.isEmpty }?.membership
        return servers.filter { $0.role == .notServing || $0.role == .readOnly }.map { server in
            let state = server.role == .readOnly ? "is read-only" : "is up but not serving"
            guard let known else {
                return "\(server.endpoint) \(state): it sees no majority of the voters of its own configuration"
            }
            let members = known.voterIDs.map(String.init).joined(separator: ", ")
            return
                "\(server.endpoint) \(state): it sees no majority of the voters of its own configuration, while servers "
                + "\(members) make a quorum by theirs; compare its server.N lines with theirs"
        }
    }

    /// Those who see it otherwise than the leader does, or than the first server that tells its configuration.
    private static func disagreements(_ serving: [ServerStatus], standard leader: ServerStatus?) -> [String] {
        let told = serving.filter { !$0.membership.isEmpty }
        guard let first = leader.flatMap({ $0.membership.isEmpty ? nil : $0 }) ?? told.first else { return [] }
        return told.filter { !$0.membership.agrees(with: first.membership) }.map { server in
            func list(_ server: ServerStatus) -> String {
                server.membership.members.keys.sorted().map(String.init).joined(separator: ", ")
            }
            return
                "the configurations differ: \(first.endpoint) lists servers \(list(first)); "
                + "\(server.endpoint) lists \(list(server))"
        }
    }

    private static func mixedModes(_ serving: [ServerStatus]) -> [String] {
        guard serving.count > 1 else { return [] }
        return serving.filter { $0.role == .standalone }.map {
            "\($0.endpoint) runs standalone: its data is not that of the other servers"
        }
    }

    private static func lagging(_ serving: [ServerStatus], behind leader: ServerStatus?) -> [String] {
        guard let leader else { return [] }
        return serving.compactMap { server in
            guard let lag = server.lag(behind: leader), lag > lagMax else { return nil }
            return "\(server.endpoint) lags \(lag) txns behind the leader"
        }
    }
}

extension ServerStatus {
    /// How many txns this server is behind `leader`; nil when it cannot be counted, as across epochs: a follower shows
    /// the last zxid of the old epoch until the first write of the new one.
    func lag(behind leader: ServerStatus) -> Int64? {
        guard let mine = zxid, let theirs = leader.zxid, mine.epoch == theirs.epoch else { return nil }
        return max(0, Int64(theirs.counter) - Int64(mine.counter))
    }
}
