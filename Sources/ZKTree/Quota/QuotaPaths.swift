/// The paths that have a quota. Source: `PathTrie` as `DataTree` uses it.
struct QuotaPaths {
    private var paths: Set<[UInt8]> = []

    var isEmpty: Bool { paths.isEmpty }

    var all: [[UInt8]] { Array(paths) }

    mutating func insert(_ path: [UInt8]) {
        if path.count > 1 { paths.insert(path) }
    }

    mutating func remove(_ path: [UInt8]) {
        paths.remove(path)
    }

    /// The longest path with a quota that is `path` or above it.
    func longestPrefix(of path: UnsafeRawBufferPointer) -> [UInt8]? {
        if paths.isEmpty { return nil }
        var prefix = Array(path)
        while prefix.count > 1 {
            if paths.contains(prefix) { return prefix }
            guard let slash = prefix.lastIndex(of: UInt8(ascii: "/")) else { return nil }
            prefix.removeSubrange(slash...)
        }
        return nil
    }
}
