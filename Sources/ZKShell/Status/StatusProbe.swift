import ZKClient

/// Asks all servers at once what they are.
struct StatusProbe: Sendable {
    struct Endpoint: Hashable, Sendable {
        var host: String
        var port: Int

        var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
    }

    /// How long a server may take to answer everything.
    var timeout: Duration
    /// Where to ask a server that closes its four-letter words; nil leaves it.
    var adminPort: Int? = AdminServer.defaultPort

    /// The statuses of `endpoints` and of every further server that their configurations tell of, in this order.
    ///
    /// - Parameter known: the membership that a session has told; it stands in where a server that serves tells none.
    func ask(_ endpoints: [Endpoint], knowing known: Membership? = nil) async -> [ServerStatus] {
        var statuses = await askAll(endpoints)
        for index in statuses.indices where statuses[index].isServing && statuses[index].role != .standalone {
            if let known, statuses[index].membership.isEmpty { statuses[index].membership = known }
        }
        let asked = Set(endpoints)
        var found: [Endpoint] = []
        for member in statuses.flatMap({ $0.membership.members.values }).sorted(by: { $0.id < $1.id }) {
            guard let endpoint = member.clientEndpoint.flatMap(Endpoint.init(parsing:)) else { continue }
            if !asked.contains(endpoint), !found.contains(endpoint) { found.append(endpoint) }
        }
        statuses += await askAll(found.filter { endpoint in !Self.isSameServer(endpoint, in: statuses) })
        return statuses
    }

    private func askAll(_ endpoints: [Endpoint]) async -> [ServerStatus] {
        await withTaskGroup(of: (Int, ServerStatus).self) { group in
            for (index, endpoint) in endpoints.enumerated() {
                group.addTask { (index, await ask(endpoint)) }
            }
            var statuses = [ServerStatus?](repeating: nil, count: endpoints.count)
            for await (index, status) in group { statuses[index] = status }
            return statuses.compactMap(\.self)
        }
    }

    /// A member known by another name than in the connect string (`localhost`, an alias) has the same port and an ID
    /// that already answered.
    private static func isSameServer(_ endpoint: Endpoint, in statuses: [ServerStatus]) -> Bool {
        statuses.contains { status in
            guard let id = status.serverID, let member = status.membership.members[id] else { return false }
            return member.clientEndpoint.flatMap(Endpoint.init(parsing:)) == endpoint
        }
    }

    private func ask(_ endpoint: Endpoint) async -> ServerStatus {
        var status = ServerStatus(endpoint: endpoint.description, answer: .none("no answer"))
        let clock = ContinuousClock()
        let start = clock.now
        do {
            let texts = try await fourLetterWords(endpoint)
            status.answer = .fourLetterWords
            let usable = texts.filter { !FourLetterReport.isRefusal($0) }
            for text in usable { FourLetterReport.merge(text, into: &status) }
            // A server that does not serve says nothing more by its words; its admin server tells its configuration.
            let isIncomplete = usable.count < texts.count && !usable.isEmpty
            if status.role == .unknown || status.role == .notServing || isIncomplete {
                await askAdmin(endpoint, into: &status)
            }
        } catch {
            status.answer = .none("\(error)")
        }
        status.responseMillis = (clock.now - start) / .milliseconds(1)
        return status
    }

    private func fourLetterWords(_ endpoint: Endpoint) async throws -> [String] {
        async let server = FourLetterWord.ask("srvr", host: endpoint.host, port: endpoint.port, timeout: timeout)
        async let monitor = FourLetterWord.ask("mntr", host: endpoint.host, port: endpoint.port, timeout: timeout)
        async let configuration = FourLetterWord.ask("conf", host: endpoint.host, port: endpoint.port, timeout: timeout)
        return try await [monitor, configuration, server]
    }

    private func askAdmin(_ endpoint: Endpoint, into status: inout ServerStatus) async {
        guard let adminPort else { return }
        let answers = await withTaskGroup(of: [UInt8]?.self) { group in
            for command in AdminReport.commands {
                group.addTask {
                    try? await AdminServer.get(command, host: endpoint.host, port: adminPort, timeout: timeout)
                }
            }
            return await group.reduce(into: [[UInt8]]()) { if let answer = $1 { $0.append(answer) } }
        }
        // Several servers may share a host: the admin server there is then that of another one.
        let port = AdminReport.clientPort(of: answers) ?? endpoint.port
        guard !answers.isEmpty, port == endpoint.port else { return }
        if status.role == .unknown { status.answer = .adminServer }
        for answer in answers { AdminReport.merge(answer, into: &status) }
    }
}

extension StatusProbe.Endpoint {
    /// `host:port` or `[v6]:port`.
    init?(parsing text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]) else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        self.init(host: String(host), port: port)
    }
}
