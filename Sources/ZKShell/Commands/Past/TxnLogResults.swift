internal import ZKCore
internal import ZKReplica
internal import ZKStore
internal import ZKText

extension LogFile.Scan {
    var name: String { path.split(separator: "/").last.map(String.init) ?? path }

    fileprivate var endText: String {
        switch end {
        case .clean: "whole"
        case .torn(let bytes): "torn tail of \(bytes.grouped) bytes at \(position.grouped)"
        case .damaged(let error): "damaged at \((error.offset ?? position).grouped): \(error.problem)"
        }
    }

    fileprivate var json: JSONValue {
        func moment(_ moment: (zxid: Zxid, millis: Int64)?) -> JSONValue {
            guard let moment else { return .null }
            return .members([
                "zxid": .string(moment.zxid.description), "time": .string(Timestamp.iso(millis: moment.millis)),
            ])
        }
        let isDamaged = if case .damaged = end { true } else { false }
        return .members([
            "file": .string(path), "first": moment(first), "last": moment(last), "txns": .int(Int64(txns)),
            "bytes": .int(size), "recordsEnd": .int(position), "ok": .bool(!isDamaged), "end": .string(endText),
        ])
    }
}

/// `txnlog info`.
struct TxnLogInfoResult: ShellResult {
    var logs: [LogFile.Scan]

    var json: JSONValue { .array(logs.map(\.json)) }

    func writePlain(to output: Output) throws(ShellError) {
        var table = Table(columns: [
            .init("FILE"), .init("FIRST"), .init("LAST"), .init("TXNS", isNumber: true), .init("FROM"), .init("TO"),
            .init("BYTES", isNumber: true), .init("END"),
        ])
        for log in logs {
            func time(_ moment: (zxid: Zxid, millis: Int64)?) -> String {
                moment.map { Timestamp.iso(millis: $0.millis) } ?? "-"
            }
            table.add([
                log.name, log.first?.zxid.description ?? "-", log.last?.zxid.description ?? "-", log.txns.grouped,
                time(log.first), time(log.last), log.size.grouped, log.endText,
            ])
        }
        try table.write(to: output)
    }
}

/// A log of which nothing is wrong.
struct TxnLogCheckResult: ShellResult {
    var scan: LogFile.Scan

    var json: JSONValue { scan.json }

    func writePlain(to output: Output) throws(ShellError) {
        try output.writeLine("\(scan.name): \(scan.txns.grouped) txns, \(scan.endText)")
    }
}

/// Who wrote how much.
struct TxnCounts: Sendable {
    private(set) var txns = 0
    private(set) var types: [String: Int] = [:]
    private(set) var topZnodes: [UString: Int] = [:]
    private(set) var sessions: [Int64: Int] = [:]
    /// Minutes since 1970.
    private(set) var minutes: [Int64: Int] = [:]

    mutating func add(_ txn: LoggedTxn) {
        txns += 1
        sessions[txn.header.clientID, default: 0] += 1
        minutes[txn.header.timeMillis / 60_000, default: 0] += 1
        types["\(txn.header.type)", default: 0] += 1
        for part in txn.parts {
            guard let path = part.txn.path else { continue }
            let end = path.bytes.dropFirst().firstIndex(of: UInt8(ascii: "/")) ?? path.bytes.count
            topZnodes[UString(bytes: Array(path.bytes[..<end])), default: 0] += 1
        }
    }
}

extension Txn {
    /// The znode that it is about; nil for sessions, errors and multis.
    fileprivate var path: UString? {
        switch self {
        case .create(let create), .createContainer(let create), .createTTL(let create, _): create.path
        case .delete(let path), .setData(let path, _, _), .setACL(let path, _, _), .check(let path, _): path
        case .createSession, .closeSession, .error, .multi: nil
        }
    }
}

/// `txnlog stats`.
struct TxnStatsResult: ShellResult {
    var counts: TxnCounts
    var top: Int

    private func largest<Key: Comparable>(_ counts: [Key: Int]) -> [(key: Key, value: Int)] {
        Array(counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(top)).map { ($0.key, $0.value) }
    }

    private typealias Row = (name: String, count: Int)

    private var sections: [(title: String, rows: [Row])] {
        let types: [Row] = largest(counts.types).map { ($0.key, $0.value) }
        let named = Dictionary(counts.topZnodes.map { ($0.key.string, $0.value) }, uniquingKeysWith: +)
        let znodes: [Row] = largest(named).map { ($0.key, $0.value) }
        let sessions: [Row] = largest(counts.sessions).map { (Hex.number($0.key), $0.value) }
        let minutes: [Row] = largest(counts.minutes).map { minute in
            (String(Timestamp.iso(millis: minute.key * 60_000).prefix(16)) + "Z", minute.value)
        }
        return [("type", types), ("znode", znodes), ("session", sessions), ("minute", minutes)]
    }

    var json: JSONValue {
        var members = [JSONValue.Member(name: "txns", value: .int(Int64(counts.txns)))]
        for section in sections {
            let rows = section.rows.map { row in
                JSONValue.members(["name": .string(row.name), "txns": .int(Int64(row.count))])
            }
            members.append(JSONValue.Member(name: section.title, value: .array(rows)))
        }
        return .object(members)
    }

    func writePlain(to output: Output) throws(ShellError) {
        try output.writeLine("\(counts.txns.grouped) txns")
        for section in sections {
            try output.writeLine()
            var table = Table(columns: [.init("TXNS", isNumber: true), .init(section.title.uppercased())])
            for row in section.rows { table.add([row.count.grouped, row.name]) }
            try table.write(to: output)
        }
    }
}
