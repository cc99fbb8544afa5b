internal import ZKCore
internal import ZKText

/// What `status` has found out.
struct StatusResult: ShellResult {
    var servers: [ServerStatus]
    var verdict: EnsembleVerdict

    private var leader: ServerStatus? { servers.first { $0.role == .leader && $0.isReachable } }

    var json: JSONValue {
        .members([
            "health": .string("\(verdict.health)"),
            "verdict": .string(verdict.summary),
            "oddities": .array(verdict.oddities.map { .string($0) }),
            "servers": .array(servers.map { json(of: $0) }),
        ])
    }

    private func json(of server: ServerStatus) -> JSONValue {
        func number(_ value: Int?) -> JSONValue { value.map { .int(Int64($0)) } ?? .null }
        let failure: JSONValue? = if case .none(let reason) = server.answer { .string(reason) } else { nil }
        return .members([
            "endpoint": .string(server.endpoint),
            "reachable": .bool(server.isReachable),
            "by": server.isReachable ? .string("\(server.answer)") : .null,
            "error": failure,
            "id": number(server.serverID),
            "role": server.isReachable ? .string(server.role.rawValue) : .null,
            "version": server.version.map { .string($0) } ?? .null,
            "zxid": server.zxid.map { .string($0.description) } ?? .null,
            "epoch": server.zxid.map { .int(Int64($0.epoch)) } ?? .null,
            "counter": server.zxid.map { .int(Int64($0.counter)) } ?? .null,
            "lag": leader.flatMap { server.lag(behind: $0) }.map { .int($0) } ?? .null,
            "latency": server.latency.map { latency in
                .members([
                    "min": .double(latency.minMillis), "avg": .double(latency.avgMillis),
                    "max": .double(latency.maxMillis),
                ])
            } ?? .null,
            "connections": number(server.connections),
            "outstanding": number(server.outstanding),
            "znodes": number(server.znodes),
            "watches": number(server.watches),
            "ephemerals": number(server.ephemerals),
            "dataBytes": number(server.dataBytes),
            "members": .array(server.membership.members.keys.sorted().map { .int(Int64($0)) }),
            "responseMillis": server.responseMillis.map { .double($0) } ?? .null,
        ])
    }

    func writePlain(to output: Output) throws(ShellError) {
        var table = Table(columns: [
            .init("ENDPOINT"), .init("ID", isNumber: true), .init("ROLE"), .init("VERSION"), .init("ZXID"),
            .init("LAG", isNumber: true), .init("LATENCY ms"), .init("CONNS", isNumber: true),
            .init("OUTST", isNumber: true), .init("ZNODES", isNumber: true), .init("WATCHES", isNumber: true),
            .init("EPHEM", isNumber: true), .init("DATA", isNumber: true),
        ])
        for server in servers { table.add(row(server)) }
        try table.write(to: output)
        let style: Output.Style =
            switch verdict.health {
            case .healthy: .green
            case .degraded: .yellow
            case .down: .red
            }
        try output.write(verdict.summary, style: style)
        try output.writeLine()
        for oddity in verdict.oddities { try output.writeLine("  ! \(oddity)") }
    }

    private func row(_ server: ServerStatus) -> [String] {
        func text(_ value: (some CustomStringConvertible)?) -> String { value.map { "\($0)" } ?? "-" }
        let zxid = server.zxid.map { "0x\(String($0.epoch, radix: 16)):0x\(String($0.counter, radix: 16))" }
        let latency = server.latency.map { latency in
            [latency.minMillis, latency.avgMillis, latency.maxMillis].map(Self.short).joined(separator: "/")
        }
        return [
            server.endpoint, text(server.serverID), server.isReachable ? server.role.rawValue : "unreachable",
            text(server.version), text(zxid), text(leader.flatMap { server.lag(behind: $0) }), text(latency),
            text(server.connections), text(server.outstanding), text(server.znodes), text(server.watches),
            text(server.ephemerals), text(server.dataBytes),
        ]
    }

    /// With at most one digit after the point.
    static func short(_ value: Double) -> String {
        let tenths = (value * 10).rounded()
        guard abs(tenths) < 1e15 else { return "\(value)" }
        let whole = Int64(tenths)
        return whole % 10 == 0 ? String(whole / 10) : "\(whole / 10).\(abs(whole % 10))"
    }
}
