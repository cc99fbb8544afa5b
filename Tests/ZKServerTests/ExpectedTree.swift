import Foundation
import Support

/// What an Apache server served after it started on a recorded directory: `expected.json`.
struct ExpectedTree: Decodable {
    struct Recovery: Decodable {
        var outcome: String
        var lastZxid: String?

        enum CodingKeys: String, CodingKey {
            case outcome
            case lastZxid = "last_zxid"
        }
    }

    struct Session: Decodable, Hashable {
        var id: String
        var timeout: Int32
    }

    struct Entry: Decodable, Hashable {
        var perms: Int32
        var scheme: String
        var id: String
    }

    enum DataValue: Decodable {
        case null
        case bytes([UInt8])
        case large(count: Int)

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                self = .null
            } else if let text = try? container.decode(String.self) {
                self = .bytes([UInt8](Data(base64Encoded: text) ?? Data()))
            } else {
                self = .large(count: try container.decode([String: Either].self)["len"]?.number ?? -1)
            }
        }
    }

    struct Either: Decodable {
        var number: Int?

        init(from decoder: any Decoder) throws {
            number = try? decoder.singleValueContainer().decode(Int.self)
        }
    }

    struct Persisted: Decodable {
        var cversion: Int32
        var ephemeralOwner: String
    }

    struct Znode: Decodable {
        var data: DataValue
        var stat: [String: Int64]
        var acl: [Entry]
        var persisted: Persisted
    }

    struct Snapshot: Decodable {
        struct Digest: Decodable {
            var zxid: String
            var digest: String
        }

        var digest: Digest?
    }

    var recovery: Recovery
    var sessions: [Session]?
    var ephemerals: [String: [String]]?
    var nodes: [String: Znode]?
    var options: [String]?
    var snapshot: Snapshot?

    enum CodingKeys: String, CodingKey {
        case recovery, sessions, ephemerals, nodes, options
        case snapshot = "snapshot_written_at_start"
    }

    init(directory: String) throws {
        let bytes = try Fixtures.bytes("datadirs/\(directory)/expected.json")
        self = try JSONDecoder().decode(Self.self, from: Data(bytes))
    }

    static var directories: [String] {
        let all = try? FileManager.default.contentsOfDirectory(
            atPath: Fixtures.url("datadirs").path(percentEncoded: false))
        return (all ?? []).filter { !$0.contains(".") }.sorted()
    }
}
