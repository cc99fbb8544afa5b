import Foundation
public import Support

/// A recorded data directory and what the server that was started on a copy of it did: `expected.json`.
public struct GoldenDirectory: Sendable, CustomStringConvertible {
    public struct Znode: Hashable, Sendable {
        /// `base64`, `sha256:hex` for what is long, nil for null.
        public var data: String?
        /// By the names of `Stat`, in the terms of a client.
        public var stat: [String: Int64]
        /// `perms scheme id` each.
        public var acl: [String]
        public var persistedCVersion: Int64
        public var persistedEphemeralOwner: Int64

        public init(
            data: String?, stat: [String: Int64], acl: [String], persistedCVersion: Int64,
            persistedEphemeralOwner: Int64
        ) {
            self.data = data
            self.stat = stat
            self.acl = acl
            self.persistedCVersion = persistedCVersion
            self.persistedEphemeralOwner = persistedEphemeralOwner
        }
    }

    public var name: String
    public var isRecovered: Bool
    public var lastZxid: Int64
    public var log: [String]
    /// Session ID to timeout in milliseconds.
    public var sessions: [Int64: Int64]
    public var ephemerals: [Int64: [String]]
    public var znodes: [String: Znode]
    /// At `lastZxid`; nil where the server knew none.
    public var treeDigest: UInt64?

    public var description: String { name }

    public static let all: [GoldenDirectory] = {
        let root = Fixtures.url("datadirs").path(percentEncoded: false)
        let names = try! FileManager.default.contentsOfDirectory(atPath: root).filter { $0 != "README.md" }
        return names.sorted().map { try! GoldenDirectory($0) }
    }()

    public init(_ name: String) throws {
        self.name = name
        let data = try Data(contentsOf: Fixtures.url("datadirs/\(name)/expected.json"))
        let json = try JSONSerialization.jsonObject(with: data) as! [String: Any]
        let recovery = json["recovery"] as! [String: Any]
        isRecovered = recovery["outcome"] as! String == "ok"
        lastZxid = (recovery["last_zxid"] as? String).map(Self.hexadecimal) ?? 0
        log = recovery["log"] as? [String] ?? []
        sessions = [:]
        for session in json["sessions"] as? [[String: Any]] ?? [] {
            sessions[Self.hexadecimal(session["id"] as! String)] = (session["timeout"] as! NSNumber).int64Value
        }
        ephemerals = [:]
        for (id, paths) in json["ephemerals"] as? [String: [String]] ?? [:] {
            ephemerals[Self.hexadecimal(id)] = paths
        }
        znodes = (json["nodes"] as? [String: [String: Any]] ?? [:]).mapValues(Self.znode)
        let digest = (json["snapshot_written_at_start"] as? [String: Any])?["digest"] as? [String: Any]
        if let digest, Self.hexadecimal(digest["zxid"] as! String) != 0 {
            treeDigest = UInt64(bitPattern: Self.hexadecimal(digest["digest"] as! String))
        }
    }

    /// A copy that a server may write into: its `dataDir`.
    public func copy(in directory: TemporaryDirectory, as name: String = "data") throws -> String {
        let path = try directory.copy(ofFixture: "datadirs/\(self.name)", as: name)
        // Read-only fixtures would stay so.
        for file in [path, "\(path)/version-2"] {
            try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: file)
        }
        for file in try FileManager.default.contentsOfDirectory(atPath: "\(path)/version-2") {
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o600], ofItemAtPath: "\(path)/version-2/\(file)")
        }
        return path
    }

    private static func znode(_ json: [String: Any]) -> Znode {
        let persisted = json["persisted"] as! [String: Any]
        return Znode(
            data: data(json["data"]), stat: (json["stat"] as! [String: NSNumber]).mapValues(\.int64Value),
            acl: (json["acl"] as! [[String: Any]]).map {
                "\($0["perms"] as! NSNumber) \($0["scheme"] as! String) \($0["id"] as! String)"
            },
            persistedCVersion: (persisted["cversion"] as! NSNumber).int64Value,
            persistedEphemeralOwner: hexadecimal(persisted["ephemeralOwner"] as! String))
    }

    private static func data(_ json: Any?) -> String? {
        if let text = json as? String { return text }
        return ((json as? [String: Any])?["sha256"] as? String).map { "sha256:\($0)" }
    }

    private static func hexadecimal(_ text: String) -> Int64 {
        Int64(bitPattern: UInt64(text.dropFirst(2), radix: 16)!)
    }
}
