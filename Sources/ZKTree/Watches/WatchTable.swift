/// How a watcher watches a path: several at once are possible.
struct WatchModes: OptionSet {
    let rawValue: UInt8

    /// Goes off once.
    static let standard = Self(rawValue: 1)
    static let persistent = Self(rawValue: 2)
    static let recursive = Self(rawValue: 4)
}

/// The watches of one kind (data or child): which watchers watch which paths. Source: `WatchManager`.
struct WatchTable: ~Copyable {
    private struct Entry {
        var path: [UInt8]
        var watchers: [(id: UInt32, modes: WatchModes)]
    }

    private let hasher: PathHasher
    private var index = HashIndex()
    /// Index 0 is never used.
    private var entries: ContiguousArray<Entry> = [Entry(path: [], watchers: [])]
    private var freeEntries: [UInt32] = []
    /// The entries of each watcher.
    private var entriesByWatcher: [UInt32: Set<UInt32>] = [:]
    private(set) var recursiveCount = 0

    init(hasher: PathHasher) {
        self.hasher = hasher
    }

    var pathCount: Int { index.count }
    var watcherCount: Int { entriesByWatcher.count }
    var watchCount: Int { entriesByWatcher.values.reduce(0) { $0 + $1.count } }

    private func find(_ path: UnsafeRawBufferPointer) -> UInt32 {
        index.find(hash: hasher.hash(path)) { entry in
            entries[Int(entry)].path.withUnsafeBytes { bytesAreEqual($0, path) }
        }
    }

    mutating func add(_ path: UnsafeRawBufferPointer, watcher: UInt32, modes: WatchModes) {
        var entry = find(path)
        if entry == 0 {
            let new = Entry(path: Array(path), watchers: [])
            if let free = freeEntries.popLast() {
                entry = free
                entries[Int(entry)] = new
            } else {
                entry = UInt32(entries.count)
                entries.append(new)
            }
            index.insert(hash: hasher.hash(path), index: entry)
        }
        var added = modes
        if let position = entries[Int(entry)].watchers.firstIndex(where: { $0.id == watcher }) {
            added.subtract(entries[Int(entry)].watchers[position].modes)
            entries[Int(entry)].watchers[position].modes.formUnion(modes)
        } else {
            entries[Int(entry)].watchers.append((watcher, modes))
            entriesByWatcher[watcher, default: []].insert(entry)
        }
        if added.contains(.recursive) { recursiveCount += 1 }
    }

    func modes(of watcher: UInt32, at path: UnsafeRawBufferPointer) -> WatchModes {
        let entry = find(path)
        guard entry != 0 else { return [] }
        return entries[Int(entry)].watchers.first { $0.id == watcher }?.modes ?? []
    }

    /// Takes modes away and returns those that were there.
    mutating func remove(_ path: UnsafeRawBufferPointer, watcher: UInt32, modes: WatchModes) -> WatchModes {
        let entry = find(path)
        guard entry != 0,
            let position = entries[Int(entry)].watchers.firstIndex(where: { $0.id == watcher })
        else { return [] }
        let removed = entries[Int(entry)].watchers[position].modes.intersection(modes)
        if removed.contains(.recursive) { recursiveCount -= 1 }
        entries[Int(entry)].watchers[position].modes.subtract(modes)
        if entries[Int(entry)].watchers[position].modes.isEmpty { drop(position, of: entry) }
        return removed
    }

    mutating func removeAll(of watcher: UInt32) {
        for entry in entriesByWatcher[watcher] ?? [] {
            guard let position = entries[Int(entry)].watchers.firstIndex(where: { $0.id == watcher }) else { continue }
            if entries[Int(entry)].watchers[position].modes.contains(.recursive) { recursiveCount -= 1 }
            drop(position, of: entry)
        }
    }

    private mutating func drop(_ position: Int, of entry: UInt32) {
        let watcher = entries[Int(entry)].watchers.remove(at: position).id
        entriesByWatcher[watcher]?.remove(entry)
        if entriesByWatcher[watcher]?.isEmpty == true { entriesByWatcher[watcher] = nil }
        if entries[Int(entry)].watchers.isEmpty {
            let hash = entries[Int(entry)].path.withUnsafeBytes { hasher.hash($0) }
            index.remove(hash: hash, index: entry)
            entries[Int(entry)].path = []
            freeEntries.append(entry)
        }
    }

    /// Appends the watchers of a change of `path` to `hits` and takes away the watches that go off once.
    mutating func fire(_ path: UnsafeRawBufferPointer, hits: inout [UInt32]) {
        if index.count == 0 { return }
        let entry = find(path)
        if entry != 0 {
            var position = entries[Int(entry)].watchers.count
            while position > 0 {
                position -= 1
                hits.append(entries[Int(entry)].watchers[position].id)
                entries[Int(entry)].watchers[position].modes.subtract(.standard)
                if entries[Int(entry)].watchers[position].modes.isEmpty { drop(position, of: entry) }
            }
        }
        if recursiveCount > 0 { collectRecursive(above: path, hits: &hits) }
    }

    private func collectRecursive(above path: UnsafeRawBufferPointer, hits: inout [UInt32]) {
        var end = path.count
        while end > 1 {
            repeat { end -= 1 } while end > 0 && path[end] != UInt8(ascii: "/")
            let ancestor = path.part(from: 0, to: max(1, end))
            let entry = find(ancestor)
            guard entry != 0 else { continue }
            for watcher in entries[Int(entry)].watchers where watcher.modes.contains(.recursive) {
                hits.append(watcher.id)
            }
        }
    }

    /// Every watched path with its watchers.
    var byPath: [(path: [UInt8], watchers: [UInt32])] {
        entries.dropFirst().filter { !$0.watchers.isEmpty }.map { ($0.path, $0.watchers.map(\.id)) }
    }

    /// Every watcher with its paths.
    var byWatcher: [(watcher: UInt32, paths: [[UInt8]])] {
        entriesByWatcher.map { ($0.key, $0.value.map { entries[Int($0)].path }) }
    }
}
