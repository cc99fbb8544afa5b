import Foundation
import StoreSupport
import ZKCore

@testable import ZKReplica

extension Replica {
    /// Everything that a client could ask for, by path.
    var described: [String: String] {
        var result: [String: String] = [:]
        root.forEachAtOrBelow { result[$0.path.string] = $0.described }
        return result
    }

    /// The paths at which two replicas differ. What a quota has used has no history: it is counted when files are read.
    func differences(from other: Replica) -> [String] {
        let (mine, others) = (described, other.described)
        return Set(mine.keys).union(others.keys).sorted()
            .filter { mine[$0] != others[$0] && !$0.hasSuffix("/zookeeper_stats") }
    }

    /// The znode of a key of `expected.json`.
    func find(key: String) -> ReplicaZnode? {
        let mark = "\u{0}hex:"
        guard key.hasPrefix(mark) else { return znode(ZnodePath(unchecked: key)) }
        let digits = Array(key.dropFirst(mark.count).utf8)
        let bytes = stride(from: 0, to: digits.count, by: 2).map { start in
            UInt8(String(decoding: digits[start..<start + 2], as: UTF8.self), radix: 16)!
        }
        return znode(ZnodePath(unchecked: String(decoding: bytes, as: UTF8.self)))
    }
}

extension ReplicaZnode {
    var described: String {
        let stat = stat
        let fields: [String: Int64] = [
            "czxid": stat.czxid.rawValue, "mzxid": stat.mzxid.rawValue, "pzxid": stat.pzxid.rawValue,
            "ctime": stat.ctimeMillis, "mtime": stat.mtimeMillis, "version": Int64(stat.version),
            "cversion": Int64(stat.cversion), "aversion": Int64(stat.aversion),
            "ephemeralOwner": stat.ephemeralOwner, "dataLength": Int64(stat.dataLength),
            "numChildren": Int64(stat.numChildren),
        ]
        let bytes = data
        var text = bytes.map { Data($0).base64EncodedString() } ?? "null"
        // Recorded by a checksum; the stat tells the length.
        if let bytes, bytes.count > 64 << 10 { text = "sha256:" }
        let acl = acl.map { "\($0.perms.rawValue) \($0.identity.scheme.string) \($0.identity.id.string)" }
        return GoldenDirectory.Znode(
            data: text == "null" ? nil : text, stat: fields, acl: acl,
            persistedCVersion: Int64(statPersisted.cversion),
            persistedEphemeralOwner: statPersisted.ephemeralOwner
        ).described
    }
}

extension GoldenDirectory.Znode {
    /// One line, for comparisons whose failure can be read.
    var described: String {
        "\(data.map { $0.hasPrefix("sha256:") ? "long" : $0 } ?? "null") \(stat.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }) \(acl) "
            + "\(persistedCVersion) \(persistedEphemeralOwner)"
    }
}
