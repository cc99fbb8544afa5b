/// What must not come into the log, since Apache ZooKeeper ends when it applies it, and again at each start when it
/// replays it. Source: `DataTree.createNode`, `deleteNode`, `updateQuotaStat`, `traverseNode`, `PathTrie`, `StatsTrack`.
enum QuotaRules {
    private static let zookeeper = Array("/zookeeper".utf8)
    private static let quota = Array("/zookeeper/quota/".utf8)
    private static let limitsName = Array("/zookeeper_limits".utf8)
    private static let statsName = Array("/zookeeper_stats".utf8)
    private static let limitsOfRoot = Array("/zookeeper/quota/zookeeper_limits".utf8)

    /// Whether a znode at `path` could not be made, deleted or loaded.
    @inline(__always)
    static func isUnreplayable(_ path: UnsafeRawBufferPointer) -> Bool {
        // Of the paths that there are, nearly all end here.
        guard path.count > limitsName.count, path[path.count - 1] == UInt8(ascii: "s"), path[1] == UInt8(ascii: "z")
        else { return false }
        return isUnreplayableLimits(path)
    }

    /// The limits of nothing: Apache takes the parent's path without its first 16 characters for what they are about,
    /// when it begins with `/zookeeper`.
    private static func isUnreplayableLimits(_ path: UnsafeRawBufferPointer) -> Bool {
        guard path.starts(with: zookeeper), path.suffix(limitsName.count).elementsEqual(limitsName) else {
            return false
        }
        // A snapshot is searched for the first such name.
        if path.starts(with: limitsOfRoot) { return true }
        let parent = String(decoding: path.dropLast(limitsName.count), as: UTF8.self)
        // Slashes and blanks alone name nothing either.
        return parent.utf16.dropFirst(16).allSatisfy { $0 == 0x2F || $0 <= 0x20 }
    }

    /// Whether `data` may be set at `path`: the counters of a quota must be readable.
    @inline(__always)
    static func isReplayable(_ data: UnsafeRawBufferPointer?, at path: UnsafeRawBufferPointer) -> Bool {
        guard path.count > quota.count, path[path.count - 1] == UInt8(ascii: "s"), path[1] == UInt8(ascii: "z"),
            path.starts(with: quota), path.suffix(statsName.count).elementsEqual(statsName)
        else { return true }
        guard let data else { return false }
        return areCounters(String(decoding: data, as: UTF8.self))
    }

    /// `name=number` between commas and semicolons, as Java splits them: what is empty at the end is dropped, not what is
    /// at the start.
    private static func areCounters(_ text: String) -> Bool {
        if text.isEmpty { return true }
        var pairs = text.split(omittingEmptySubsequences: false) { $0 == "," || $0 == ";" }
        while pairs.last?.isEmpty == true { pairs.removeLast() }
        guard pairs.first?.isEmpty != true else { return false }
        return pairs.allSatisfy { pair in
            if pair.isEmpty { return true }
            var parts = pair.split(separator: "=", omittingEmptySubsequences: false)
            while parts.last?.isEmpty == true { parts.removeLast() }
            guard parts.count >= 2 else { return false }
            return parts[1].isEmpty || Int64(parts[1]) != nil
        }
    }
}
