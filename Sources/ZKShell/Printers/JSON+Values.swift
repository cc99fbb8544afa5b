public import ZKCore
public import ZKText

/// The JSON forms of ZooKeeper's values. Field names are part of the interface: none is removed.
extension JSONValue {
    public init(_ path: ZnodePath) {
        self = .string(path.string)
    }

    public init(_ stat: Stat) {
        self = .members([
            "czxid": .string(stat.czxid.description),
            "mzxid": .string(stat.mzxid.description),
            "pzxid": .string(stat.pzxid.description),
            "ctime": .string(Timestamp.iso(millis: stat.ctimeMillis)),
            "mtime": .string(Timestamp.iso(millis: stat.mtimeMillis)),
            "version": .int(Int64(stat.version)),
            "cversion": .int(Int64(stat.cversion)),
            "aversion": .int(Int64(stat.aversion)),
            "ephemeralOwner": .string(Hex.number(stat.ephemeralOwner)),
            "dataLength": .int(Int64(stat.dataLength)),
            "numChildren": .int(Int64(stat.numChildren)),
        ])
    }

    /// The members `data` and `encoding`: text as it is, other bytes in base64, null for null data.
    public static func dataMembers(_ data: [UInt8]?) -> [Member] {
        guard let data else {
            return [Member(name: "data", value: .null), Member(name: "encoding", value: .null)]
        }
        if let text = String(validating: data, as: UTF8.self) {
            return [Member(name: "data", value: .string(text)), Member(name: "encoding", value: "utf8")]
        }
        return [
            Member(name: "data", value: .string(Base64.encode(data))), Member(name: "encoding", value: "base64"),
        ]
    }

    public init(_ acl: [ACL]) {
        self = .array(
            acl.map { entry in
                .members([
                    "scheme": .string(entry.identity.scheme.string),
                    "id": .string(entry.identity.id.string),
                    "perms": .string(entry.perms.letters),
                ])
            })
    }
}
