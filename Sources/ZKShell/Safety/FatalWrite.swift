internal import ShellLanguage
internal import ZKClient
internal import ZKCore

/// Changes that end an Apache server for good: it fails when it applies them, and again each time that it reads its log.
///
/// Source: `DataTree.createNode`, `deleteNode` and `traverseNode`, which add and remove the path of a quota without asking
/// whether it is one, and `StatsTrack`, which throws on text that is not its own.
enum FatalWrite {
    private static let system = Array("/zookeeper".utf8)
    private static let quotas = Array("/zookeeper/quota".utf8)
    private static let limitsName = Array("zookeeper_limits".utf8)
    private static let usageName = Array("zookeeper_stats".utf8)

    /// - Parameter op: with the path as the server has it, the chroot included.
    /// - Returns: what the change would do; nil for one that is harmless.
    static func refusal(_ op: MultiOp) -> String? {
        // Nearly every path ends the question here.
        guard op.path.string.utf8.starts(with: system) else { return nil }
        let path = Array(op.path.string.utf8)
        guard let slash = path.lastIndex(of: UInt8(ascii: "/")) else { return nil }
        let (parent, name) = (path[..<slash], path[(slash + 1)...])
        switch op {
        case .create(_, let data, let mode, acl: _, ttl: _):
            if mode.isSequential { return nil }
            if name.elementsEqual(limitsName), parent.elementsEqual(quotas) || limitsAreMisread(below: parent) {
                return "this would end an Apache server for good: it takes the znode for a quota of /, which it cannot "
                    + "have. Nothing was sent"
            }
            return refusal(of: data, parent: parent, name: name)
        case .delete:
            // What is cut off the parent is as long as the path of all quotas, whether it is that path or not.
            guard name.elementsEqual(limitsName), parent.utf16Count <= quotas.count else { return nil }
            return "deleting this would end an Apache server for good: it takes the znode for a quota. Nothing was sent"
        case .setData(_, let data, version: _): return refusal(of: data, parent: parent, name: name)
        case .check: return nil
        }
    }

    /// Whether the server, when it starts, finds an earlier end of the quota's path than there is.
    private static func limitsAreMisread(below parent: ArraySlice<UInt8>) -> Bool {
        parent.starts(with: quotas + [UInt8(ascii: "/")] + limitsName)
    }

    private static func refusal(of data: [UInt8]?, parent: ArraySlice<UInt8>, name: ArraySlice<UInt8>) -> String? {
        guard name.elementsEqual(limitsName) || name.elementsEqual(usageName),
            parent.starts(with: quotas + [UInt8(ascii: "/")]), !isTrack(data)
        else { return nil }
        return "data of this form would end an Apache server at the next change below the quota: it must be "
            + "count=N,bytes=N. Nothing was sent"
    }

    /// Whether the servers can read it as the limits or the use of a quota.
    private static func isTrack(_ data: [UInt8]?) -> Bool {
        guard let data else { return false }
        let separators = Array(",;".utf8)
        if let first = data.first, separators.contains(first) { return false }
        return data.split(whereSeparator: separators.contains).allSatisfy { pair in
            let parts = pair.split(separator: UInt8(ascii: "="), omittingEmptySubsequences: false)
            return parts.count > 1 && Int64(String(decoding: parts[1], as: UTF8.self)) != nil
        }
    }
}

extension ArraySlice<UInt8> {
    /// The length that Java sees.
    fileprivate var utf16Count: Int { String(decoding: self, as: UTF8.self).utf16.count }
}
