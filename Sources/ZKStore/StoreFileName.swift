// The names of files in `version-2`, as Apache ZooKeeper reads them: split at each '.', the first part is `log` or
// `snapshot`, the second the zxid in hex, and whatever follows is ignored. So `log.5.bak` IS read as log 5, and a file
// that must not be read needs another first part.
//
// Source: `Util.getZxidFromName`, `Util.sortDataDir`.

public import ZKCore

/// The name of a log or a snapshot.
public struct StoreFileName: Hashable, Sendable {
    public enum Kind: String, Sendable {
        case log
        case snapshot
    }

    public var kind: Kind
    /// Of a log the zxid of its first record; of a snapshot the last zxid that is whole in it.
    public var zxid: Zxid
    public var name: String

    /// Nil for all other names.
    public init?(_ name: String) {
        let parts = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count >= 2, let kind = Kind(rawValue: String(parts[0]) ?? ""), let digits = String(parts[1]),
            !digits.isEmpty, let zxid = Self.hexadecimal(digits)
        else { return nil }
        self.kind = kind
        self.zxid = zxid
        self.name = name
    }

    public static func log(_ firstZxid: Zxid) -> String { "log.\(firstZxid.hex)" }

    public static func snapshot(_ zxid: Zxid, _ compression: SnapshotCompression = .none) -> String {
        "snapshot.\(zxid.hex)\(compression.fileNameSuffix)"
    }

    /// `Long.parseLong(digits, 16)`: a sign is allowed, overflow is not. Negative names are never in use.
    private static func hexadecimal(_ digits: String) -> Zxid? {
        guard let value = Int64(digits, radix: 16), value >= 0 else { return nil }
        return Zxid(rawValue: value)
    }
}

/// How a snapshot is packed; told by the end of its name alone.
public enum SnapshotCompression: String, Sendable, CaseIterable {
    case none = ""
    case gzip = "gz"
    case snappy = "snappy"

    var fileNameSuffix: String { self == .none ? "" : ".\(rawValue)" }

    /// Source: `SnapStream.getStreamMode`.
    public init(fileName: String) {
        self = Self.allCases.first { $0 != .none && fileName.hasSuffix($0.fileNameSuffix) } ?? .none
    }
}
