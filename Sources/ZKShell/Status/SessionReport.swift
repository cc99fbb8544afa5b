internal import ZKClient

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
    /// Asks `endpoints` for all of it, at once.
    ///
    /// - Returns: with the servers that did not answer or did not allow a word, and why.
    static func gather(
        from endpoints: [StatusProbe.Endpoint], timeout: Duration
    ) async -> (report: SessionReport, gaps: [String]) {
        let words = ["cons", "dump", "wchc"]
        let answers = await withTaskGroup(of: (Int, Int, Result<String, any Error>).self) { group in
            for (server, endpoint) in endpoints.enumerated() {
                for (word, text) in words.enumerated() {
                    group.addTask {
                        do {
                            let answer = try await FourLetterWord.ask(
                                text, host: endpoint.host, port: endpoint.port, timeout: timeout)
                            return (server, word, .success(answer))
                        } catch {
                            return (server, word, .failure(error))
                        }
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }.sorted { ($0.0, $0.1) < ($1.0, $1.1) }
        }
        var report = SessionReport()
        var gaps: [String] = []
        for (server, word, answer) in answers {
            let name = endpoints[server].description
            switch answer {
            case .failure(let error):
                if word == 0 { gaps.append("\(name): \(error)") }
            case .success(let text) where FourLetterReport.isRefusal(text) && !text.isEmpty:
                gaps.append("\(name): \(words[word]) is not allowed; add it to 4lw.commands.whitelist")
            case .success(let text):
                switch word {
                case 0: report.mergeConnections(text, server: name)
                case 1: report.mergeDump(text)
                default: report.mergeWatches(bySession: text)
                }
            }
        }
        report.byID = report.byID.mapValues { session in
            var session = session
            // Each server of an ensemble lists all ephemerals.
            session.ephemerals = Array(Set(session.ephemerals)).sortedAsJava()
            session.watches = session.watches.sortedAsJava()
            return session
        }
        return (report, gaps)
    }
}
