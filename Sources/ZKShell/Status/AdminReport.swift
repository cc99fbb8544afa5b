internal import FoundationEssentials
import ZKCore

/// Reads what an admin server says to `stats`, `monitor`, `configuration` and `initial_configuration`.
enum AdminReport {
    /// The commands whose answers are merged into a status.
    static let commands = ["server_stats", "monitor", "configuration", "initial_configuration"]

    private struct Answer: Decodable {
        struct ServerStats: Decodable {
            var lastProcessedZxid: Int64?
            var outstandingRequests: Int?
            var serverState: String?
            var avgLatency: Double?
            var maxLatency: Double?
            var minLatency: Double?
            var numAliveClientConnections: Int?
        }

        var error: String?
        var version: String?
        var serverStats: ServerStats?
        var nodeCount: Int?
        var serverState: String?
        var znodeCount: Int?
        var watchCount: Int?
        var ephemeralsCount: Int?
        var approximateDataSize: Int?
        var packetsReceived: Int?
        var packetsSent: Int?
        var serverId: Int?
        var clientPort: Int?
        var initialConfiguration: String?
    }

    /// The client port of the server that gave `answers`; nil when none of them tells it.
    static func clientPort(of answers: [[UInt8]]) -> Int? {
        answers.lazy.compactMap { (try? decoder.decode(Answer.self, from: Data($0)))?.clientPort }.first
    }

    private static var decoder: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return decoder
    }

    /// Takes over what `json` says, whichever of the commands it answers.
    static func merge(_ json: [UInt8], into status: inout ServerStatus) {
        guard let answer = try? decoder.decode(Answer.self, from: Data(json)) else { return }
        if let error = answer.error {
            if error.contains("not currently serving") || error.contains("not initialized") {
                status.role = .notServing
            }
            return
        }
        if let version = answer.version { status.version = FourLetterReport.shortVersion(version) }
        if let state = answer.serverStats?.serverState ?? answer.serverState {
            status.role = ServerStatus.Role(mode: state)
        }
        if let stats = answer.serverStats { merge(stats, into: &status) }
        status.znodes = answer.znodeCount ?? answer.nodeCount ?? status.znodes
        status.watches = answer.watchCount ?? status.watches
        status.ephemerals = answer.ephemeralsCount ?? status.ephemerals
        status.dataBytes = answer.approximateDataSize ?? status.dataBytes
        status.received = answer.packetsReceived ?? status.received
        status.sent = answer.packetsSent ?? status.sent
        status.serverID = answer.serverId ?? status.serverID
        if let text = answer.initialConfiguration {
            let membership = Membership(parsing: text)
            if !membership.isEmpty { status.membership = membership }
        }
    }

    private static func merge(_ stats: Answer.ServerStats, into status: inout ServerStatus) {
        status.zxid = stats.lastProcessedZxid.map { Zxid(rawValue: $0) } ?? status.zxid
        status.outstanding = stats.outstandingRequests ?? status.outstanding
        status.connections = stats.numAliveClientConnections ?? status.connections
        if let min = stats.minLatency, let avg = stats.avgLatency, let max = stats.maxLatency {
            status.latency = ServerStatus.Latency(minMillis: min, avgMillis: avg, maxMillis: max)
        }
    }
}
