public import Foundation
import Support
import ZKCore
public import ZKStore

/// What `txns.json` of a data directory says of one log.
public struct GoldenLog: Sendable, CustomStringConvertible {
    public struct Record: Sendable {
        public var offset: Int64
        public var length: Int64
        /// Nil where the checksum is wrong.
        public var logged: LoggedTxn?
        /// Paths in the body whose data is given by a checksum only.
        public var isAbridged: Bool
    }

    public var directory: String
    public var file: String
    public var records: [Record]
    public var endOffset: Int64
    public var endReason: String

    public var description: String { "\(directory)/\(file)" }

    public var url: URL { Fixtures.url("datadirs/\(directory)/version-2/\(file)") }

    /// All logs of all directories that have a `txns.json`.
    public static let all: [GoldenLog] = {
        let names = try! FileManager.default.contentsOfDirectory(
            atPath: Fixtures.url("datadirs").path(percentEncoded: false))
        return names.sorted().flatMap { name in (try? load(name)) ?? [] }
    }()

    private static func load(_ directory: String) throws -> [GoldenLog] {
        let data = try Data(contentsOf: Fixtures.url("datadirs/\(directory)/txns.json"))
        let logs = try JSONSerialization.jsonObject(with: data) as! [String: [String: Any]]
        return logs.sorted { $0.key < $1.key }.map { file, log in
            GoldenLog(
                directory: directory, file: file, records: (log["records"] as! [[String: Any]]).map(record),
                endOffset: (log["end_offset"] as! NSNumber).int64Value, endReason: log["end_reason"] as! String)
        }
    }

    private static func record(_ json: [String: Any]) -> Record {
        let isWhole = json["crc_ok"] as? Bool == true && json["type"] != nil && body(json) != nil
        return Record(
            offset: (json["off"] as! NSNumber).int64Value, length: (json["len"] as! NSNumber).int64Value,
            logged: isWhole ? logged(json) : nil, isAbridged: String(describing: json).contains("sha256"))
    }

    private static func logged(_ json: [String: Any]) -> LoggedTxn {
        let digest = (json["digest"] as? [String: Any]).map {
            TxnDigest(version: int32($0["version"]), treeDigest: hexadecimal($0["treeDigest"]))
        }
        return LoggedTxn(
            header: TxnHeader(
                clientID: hexadecimal(json["clientId"]), cxid: int32(json["cxid"]),
                zxid: Zxid(rawValue: hexadecimal(json["zxid"])), timeMillis: (json["time"] as! NSNumber).int64Value,
                type: type(json["type"] as! String)),
            txn: body(json)!, digest: digest)
    }

    private static func body(_ json: [String: Any]) -> Txn? {
        guard let name = json["type"] as? String, let txn = json["txn"] as? [String: Any] else { return nil }
        switch name {
        case "createSession": return .createSession(timeoutMillis: int32(txn["timeOut"]))
        case "closeSession": return .closeSession(paths: (txn["paths2Delete"] as! [String]).map(text))
        case "create", "create2": return .create(create(txn))
        case "createContainer": return .createContainer(create(txn))
        case "createTTL": return .createTTL(create(txn), ttlMillis: (txn["ttl"] as! NSNumber).int64Value)
        case "delete", "deleteContainer": return .delete(path: text(txn["path"] as! String))
        case "setData":
            return .setData(path: text(txn["path"] as! String), data: data(txn["data"]), version: int32(txn["version"]))
        case "setACL":
            return .setACL(path: text(txn["path"] as! String), acl: acl(txn["acl"]), version: int32(txn["version"]))
        case "check": return .check(path: text(txn["path"] as! String), version: int32(txn["version"]))
        case "error": return .error(ErrorCode(rawValue: int32(txn["err"])))
        case "multi":
            return .multi(
                (txn["txns"] as! [[String: Any]]).map { SubTxn(type: type($0["type"] as! String), txn: body($0)!) })
        default: return nil
        }
    }

    private static func create(_ txn: [String: Any]) -> CreateTxn {
        CreateTxn(
            path: text(txn["path"] as! String), data: data(txn["data"]), acl: acl(txn["acl"]),
            isEphemeral: txn["ephemeral"] as? Bool ?? false, parentCVersion: int32(txn["parentCVersion"]))
    }

    private static func type(_ name: String) -> OpCode {
        let known: [OpCode] = [
            .createSession, .closeSession, .create, .create2, .createContainer, .createTTL, .delete, .deleteContainer,
            .setData, .setACL, .check, .error, .multi, .reconfig,
        ]
        return known.first { $0.description == name }!
    }

    private static func acl(_ json: Any?) -> [ACL]? {
        (json as? [[String: Any]])?.map {
            ACL(
                perms: Permissions(rawValue: int32($0["perms"])), scheme: text($0["scheme"] as! String),
                id: text($0["id"] as! String))
        }
    }

    /// Nil too for data that is given by its checksum: see `isAbridged`.
    private static func data(_ json: Any?) -> [UInt8]? {
        (json as? String).map { [UInt8](Data(base64Encoded: $0)!) }
    }

    private static func text(_ json: String) -> UString {
        let mark = "\u{0}hex:"
        guard json.hasPrefix(mark) else { return UString(json) }
        let digits = Array(json.dropFirst(mark.count))
        return UString(
            bytes: stride(from: 0, to: digits.count, by: 2).map { UInt8(String(digits[$0...$0 + 1]), radix: 16)! })
    }

    private static func int32(_ json: Any?) -> Int32 { (json as! NSNumber).int32Value }

    private static func hexadecimal(_ json: Any?) -> Int64 {
        Int64(bitPattern: UInt64((json as! String).dropFirst(2), radix: 16)!)
    }
}
