internal import ShellLanguage
internal import ZKCore
internal import ZKText

/// What a backup says of itself.
struct BackupManifest: Sendable, Hashable {
    enum Kind: String, Sendable {
        /// A snapshot, from which any server starts.
        case files
        /// An export: what a session could read, one znode after the other.
        case tree
    }

    struct Part: Sendable, Hashable {
        var name: String
        var size: Int64
        var sha256: String
    }

    var kind: Kind
    /// What was backed up.
    var root: ZnodePath
    var source: String
    /// The configuration of the ensemble, when it has one.
    var configuration: String?
    /// The first and the last txn of the time in which it was read; the same for one moment.
    var zxids: ClosedRange<Zxid>
    /// When it was made, and of which time the last txn is, if that is known.
    var madeMillis: Int64
    var txnMillis: Int64?
    var znodes: Int
    var ephemerals: Int
    var sessions: Int
    /// Znodes that could not be read, which are not there with all that is below them.
    var unread = 0
    var parts: [Part] = []

    static let fileName = "manifest.json"
    /// The line in which the manifest itself is sealed.
    static let sealName = "manifest.sha256"
    /// The oldest server that reads the snapshot. Source: `FileSnap`, whose version is 2 since 3.0.
    private static let serverVersion = "3.5"

    var json: JSONValue {
        .members([
            "zoosh": "backup", "version": 1, "kind": .string(kind.rawValue), "root": JSONValue(root),
            "source": .string(source), "configuration": configuration.map { .string($0) },
            "zookeeper": kind == .files ? .string(Self.serverVersion) : nil,
            "zxid": .members([
                "first": .string(zxids.lowerBound.description), "last": .string(zxids.upperBound.description),
            ]),
            "made": .string(Timestamp.iso(millis: madeMillis)),
            "madeMillis": .int(madeMillis),
            "txnMillis": txnMillis.map { .int($0) },
            "znodes": .int(Int64(znodes)), "ephemerals": .int(Int64(ephemerals)), "sessions": .int(Int64(sessions)),
            "unread": .int(Int64(unread)),
            "parts": .array(
                parts.map { part in
                    .members([
                        "name": .string(part.name), "bytes": .int(part.size), "sha256": .string(part.sha256),
                    ])
                }),
        ])
    }

    /// Nil for what is no manifest of this version.
    init?(json: JSONValue) {
        func count(_ name: String) -> Int? { json[name]?.intValue.flatMap { $0 >= 0 ? Int(exactly: $0) : nil } }
        guard json["zoosh"]?.stringValue == "backup", json["version"]?.intValue == 1,
            let kind = json["kind"]?.stringValue.flatMap(Kind.init(rawValue:)),
            let root = json["root"]?.stringValue.flatMap({ try? ZnodePath($0) }),
            let source = json["source"]?.stringValue,
            let first = json["zxid"]?["first"].flatMap(Zxid.init(json:)),
            let last = json["zxid"]?["last"].flatMap(Zxid.init(json:)), first <= last,
            let made = json["madeMillis"]?.intValue, let znodes = count("znodes"),
            let ephemerals = count("ephemerals"), let sessions = count("sessions"), let unread = count("unread"),
            let list = json["parts"]?.arrayValue
        else { return nil }
        self.init(
            kind: kind, root: root, source: source, configuration: json["configuration"]?.stringValue,
            zxids: first...last, madeMillis: made, txnMillis: json["txnMillis"]?.intValue, znodes: znodes,
            ephemerals: ephemerals, sessions: sessions)
        self.unread = unread
        for value in list {
            guard let name = value["name"]?.stringValue, !name.isEmpty, !name.contains("/"), name != ".", name != "..",
                let size = value["bytes"]?.intValue, size >= 0, let sha256 = value["sha256"]?.stringValue
            else { return nil }
            parts.append(Part(name: name, size: size, sha256: sha256))
        }
    }

    init(
        kind: Kind, root: ZnodePath, source: String, configuration: String? = nil, zxids: ClosedRange<Zxid>,
        madeMillis: Int64, txnMillis: Int64? = nil, znodes: Int, ephemerals: Int, sessions: Int
    ) {
        self.kind = kind
        self.root = root
        self.source = source
        self.configuration = configuration
        self.zxids = zxids
        self.madeMillis = madeMillis
        self.txnMillis = txnMillis
        self.znodes = znodes
        self.ephemerals = ephemerals
        self.sessions = sessions
    }
}
