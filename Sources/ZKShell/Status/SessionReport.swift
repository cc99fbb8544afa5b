internal import ZKClient
internal import ZKText

/// What the servers say of the sessions: read from the four-letter words `cons`, `dump`, `wchc` and `wchp`.
struct SessionReport: Sendable {
    struct Session: Sendable, Equatable {
        var id: Int64
        /// Nil for a session whose client is not connected just now.
        var connection: Connection?
        /// Paths as the server sees them, without a chroot.
        var ephemerals: [String] = []
        var watches: [String] = []
    }

    struct Connection: Sendable, Equatable {
        /// Of the server that the client is connected to.
        var server: String
        var client: String
        var timeoutMillis: Int?
        var queued: Int?
        var received: Int?
        var sent: Int?
        var lastOperation: String?
        var establishedMillis: Int64?
    }

    private(set) var byID: [Int64: Session] = [:]

    var sessions: [Session] {
        byID.values.sorted { UInt64(bitPattern: $0.id) < UInt64(bitPattern: $1.id) }
    }

    /// ` /127.0.0.1:58938[1](queued=0,recved=5,sent=5,sid=0x100…,lop=PING,est=1700000000000,to=30000,…)`, one a line.
    mutating func mergeConnections(_ text: String, server: String) {
        for line in text.split(whereSeparator: \.isNewline) {
            guard let open = line.lastIndex(of: "("), let bracket = line[..<open].lastIndex(of: "[") else { continue }
            var fields: [Substring: Substring] = [:]
            for field in line[line.index(after: open)...].split(whereSeparator: { $0 == "," || $0 == ")" }) {
                guard let equals = field.firstIndex(of: "=") else { continue }
                fields[field[..<equals]] = field[field.index(after: equals)...]
            }
            // Our own question is a connection too, without a session.
            guard let id = fields["sid"].flatMap({ Self.sessionID($0) }), id != 0 else { continue }
            let address = line[..<bracket].trimmingBlanks()
            byID[id, default: Session(id: id)].connection = Connection(
                server: server, client: String(address.hasPrefix("/") ? address.dropFirst() : address[...]),
                timeoutMillis: fields["to"].flatMap { Int($0) }, queued: fields["queued"].flatMap { Int($0) },
                received: fields["recved"].flatMap { Int($0) }, sent: fields["sent"].flatMap { Int($0) },
                lastOperation: fields["lop"].map(String.init), establishedMillis: fields["est"].flatMap { Int64($0) })
        }
    }

    /// The session IDs of the tracker and of the owners of ephemerals, with their znodes.
    mutating func mergeDump(_ text: String) {
        var owner: Int64?
        for line in text.split(whereSeparator: \.isNewline) {
            let word = line.trimmingBlanks()
            if word.hasPrefix("/"), let owner, owner != 0 {
                byID[owner, default: Session(id: owner)].ephemerals.append(word)
            } else if word.hasPrefix("0x") {
                // `0x1000…:` before its ephemerals, `0x1000…` or `0x1000… 30000ms` in the tracker's list.
                owner = Self.sessionID(word.prefix { $0.isHexDigit || $0 == "x" })
                if let owner, byID[owner] == nil { byID[owner] = Session(id: owner) }
            } else {
                owner = nil
            }
        }
    }

    /// A session ID a line, the paths that it watches under it.
    mutating func mergeWatches(bySession text: String) {
        var watcher: Int64?
        for line in text.split(whereSeparator: \.isNewline) {
            let word = line.trimmingBlanks()
            if word.hasPrefix("0x") {
                watcher = Self.sessionID(word[...])
            } else if word.hasPrefix("/"), let watcher {
                byID[watcher, default: Session(id: watcher)].watches.append(word)
            }
        }
    }

    /// `0x` and hexadecimal digits; nil for anything else.
    static func sessionID(_ text: some StringProtocol) -> Int64? {
        guard text.hasPrefix("0x") else { return nil }
        return UInt64(text.dropFirst(2), radix: 16).map { Int64(bitPattern: $0) }
    }
}

extension SessionReport {
    /// What one server has said, or why it has not.
    private struct Answer: Sendable {
        var report = SessionReport()
        var gaps: [String] = []
    }

    /// Asks `endpoints` for all of it, at once.
    ///
    /// - Parameter adminPort: where to ask a server that does not allow the words; nil leaves it.
    /// - Returns: with the servers that did not answer or did not allow a word, and why.
    static func gather(
        from endpoints: [StatusProbe.Endpoint], adminPort: Int? = AdminServer.defaultPort, timeout: Duration
    ) async -> (report: SessionReport, gaps: [String]) {
        let answers = await withTaskGroup(of: (Int, Answer).self) { group in
            for (index, endpoint) in endpoints.enumerated() {
                group.addTask { (index, await ask(endpoint, adminPort: adminPort, timeout: timeout)) }
            }
            return await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
        }
        var report = SessionReport()
        for answer in answers { report.add(answer.report) }
        report.byID = report.byID.mapValues { session in
            var session = session
            // Each server of an ensemble lists all ephemerals.
            session.ephemerals = Array(Set(session.ephemerals)).sortedAsJava()
            session.watches = session.watches.sortedAsJava()
            return session
        }
        return (report, answers.flatMap(\.gaps))
    }

    private mutating func add(_ other: SessionReport) {
        for (id, session) in other.byID {
            var present = byID[id] ?? Session(id: id)
            present.connection = session.connection ?? present.connection
            present.ephemerals += session.ephemerals
            present.watches += session.watches
            byID[id] = present
        }
    }

    private static func ask(
        _ endpoint: StatusProbe.Endpoint, adminPort: Int?, timeout: Duration
    ) async -> Answer {
        let words = ["cons", "dump", "wchc"]
        var answer = Answer()
        var texts: [String] = []
        do {
            texts = try await FourLetterWord.ask(words, of: endpoint, timeout: timeout)
        } catch {
            answer.gaps = ["\(endpoint.description): \(error)"]
            return answer
        }
        let refused = zip(words, texts).filter { FourLetterReport.isRefusal($1) && !$1.isEmpty }.map(\.0)
        if !refused.isEmpty, let adminPort {
            if let report = await askAdmin(endpoint, port: adminPort, timeout: timeout) {
                return Answer(report: report)
            }
        }
        let name = endpoint.description
        for (word, text) in zip(words, texts) where !refused.contains(word) {
            switch word {
            case "cons": answer.report.mergeConnections(text, server: name)
            case "dump": answer.report.mergeDump(text)
            default: answer.report.mergeWatches(bySession: text)
            }
        }
        if !refused.isEmpty {
            let remedy = await FourLetterReport.remedy(forWords: refused, of: endpoint, timeout: timeout)
            let verb = refused.count == 1 ? "is" : "are"
            answer.gaps.append("\(name): \(refused.joined(separator: ", ")) \(verb) not allowed; \(remedy)")
        }
        return answer
    }

    /// Nil when no admin server of this very server answers there.
    private static func askAdmin(
        _ endpoint: StatusProbe.Endpoint, port: Int, timeout: Duration
    ) async -> SessionReport? {
        func get(_ command: String) async throws -> JSONValue {
            try JSONValue(
                parsing: await AdminServer.get(command, host: endpoint.host, port: port, timeout: timeout))
        }
        do {
            // Several servers may share a host.
            guard try await get("configuration")["client_port"]?.intValue == Int64(endpoint.port) else { return nil }
            async let connections = get("connections")
            async let dump = get("dump")
            async let watches = get("watches")
            var report = SessionReport()
            try await report.merge(
                connections: connections, dump: dump, watches: watches, server: endpoint.description)
            return report
        } catch {
            return nil
        }
    }
}

extension SessionReport {
    /// What an admin server says to `connections`, `dump` and `watches`.
    mutating func merge(connections: JSONValue, dump: JSONValue, watches: JSONValue, server: String) {
        for name in ["connections", "secure_connections"] {
            for entry in connections[name]?.elements ?? [] {
                guard let id = entry["session_id"]?.intValue, id != 0 else { continue }
                func number(_ key: String) -> Int? { entry[key]?.intValue.map { Int($0) } }
                let address = entry["remote_socket_address"]?.stringValue ?? ""
                byID[id, default: Session(id: id)].connection = Connection(
                    server: server, client: String(address.hasPrefix("/") ? address.dropFirst() : address[...]),
                    timeoutMillis: number("session_timeout"), queued: number("outstanding_requests"),
                    received: number("packets_received"), sent: number("packets_sent"),
                    lastOperation: entry["last_operation"]?.stringValue,
                    establishedMillis: entry["established"]?.intValue)
            }
        }
        for (_, sessions) in dump["expiry_time_to_session_ids"]?.members ?? [] {
            for id in sessions.elements.compactMap(\.intValue) where byID[id] == nil { byID[id] = Session(id: id) }
        }
        for (name, paths) in dump["session_id_to_ephemeral_paths"]?.members ?? [] {
            guard let id = Int64(name), id != 0 else { continue }
            byID[id, default: Session(id: id)].ephemerals += paths.elements.compactMap(\.stringValue)
        }
        for (name, paths) in watches["session_id_to_watched_paths"]?.members ?? [] {
            guard let id = Int64(name), id != 0 else { continue }
            byID[id, default: Session(id: id)].watches += paths.elements.compactMap(\.stringValue)
        }
    }
}

extension FourLetterWord {
    /// The answers to `words`, in their order; all are asked at once.
    fileprivate static func ask(
        _ words: [String], of endpoint: StatusProbe.Endpoint, timeout: Duration
    ) async throws -> [String] {
        try await withThrowingTaskGroup(of: (Int, String).self) { group in
            for (index, word) in words.enumerated() {
                group.addTask {
                    (index, try await ask(word, host: endpoint.host, port: endpoint.port, timeout: timeout))
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }
}

extension JSONValue {
    fileprivate var elements: [JSONValue] { arrayValue ?? [] }

    fileprivate var members: [(name: String, value: JSONValue)] {
        if case .object(let members) = self { members.map { (name: $0.name, value: $0.value) } } else { [] }
    }
}
