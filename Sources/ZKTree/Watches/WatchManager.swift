package import ZKCore

/// An event that is due to a watcher.
package struct FiredEvent {
    package var watcher: UInt32
    package var type: EventType
    package var zxid: Int64
    /// Where the path stands in ``WatchManager/firedPaths``.
    package var path: Range<Int>
}

/// The watches of all connections, in two tables as Apache has them: getData, exists and addWatch go to the data
/// table, getChildren and persistent addWatch to the child table.
package struct WatchManager: ~Copyable {
    var data: WatchTable
    var child: WatchTable
    /// The events of the txns applied since the last ``clearFired()``, in their order.
    package private(set) var fired: [FiredEvent] = []
    package private(set) var firedPaths: [UInt8] = []
    private var requesters: ContiguousArray<Requester?> = []
    /// The last event that each watcher was meant by, so that it gets each once.
    private var lastTold: ContiguousArray<UInt64> = []
    private var freeWatchers: [UInt32] = []
    private var serial: UInt64 = 0
    private var hits: [UInt32] = []

    init(hasher: PathHasher) {
        data = WatchTable(hasher: hasher)
        child = WatchTable(hasher: hasher)
    }

    package mutating func addWatcher(_ requester: Requester) -> UInt32 {
        if let free = freeWatchers.popLast() {
            requesters[Int(free)] = requester
            return free
        }
        requesters.append(requester)
        lastTold.append(0)
        return UInt32(requesters.count - 1)
    }

    /// Forgets a connection with all its watches.
    package mutating func removeWatcher(_ watcher: UInt32) {
        data.removeAll(of: watcher)
        child.removeAll(of: watcher)
        requesters[Int(watcher)] = nil
        freeWatchers.append(watcher)
    }

    func requester(of watcher: UInt32) -> Requester? { requesters[Int(watcher)] }

    package mutating func addDataWatch(_ path: UnsafeRawBufferPointer, watcher: UInt32) {
        data.add(path, watcher: watcher, modes: .standard)
    }

    package mutating func addChildWatch(_ path: UnsafeRawBufferPointer, watcher: UInt32) {
        child.add(path, watcher: watcher, modes: .standard)
    }

    package mutating func addWatch(_ path: UnsafeRawBufferPointer, watcher: UInt32, mode: AddWatchMode) {
        switch mode {
        case .persistent:
            data.add(path, watcher: watcher, modes: .persistent)
            child.add(path, watcher: watcher, modes: .persistent)
        case .persistentRecursive:
            data.add(path, watcher: watcher, modes: .recursive)
        }
    }

    /// Source: `DataTree.containsWatcher`.
    package func contains(_ path: UnsafeRawBufferPointer, watcher: UInt32, type: WatcherType) -> Bool {
        let inData = data.modes(of: watcher, at: path)
        let inChild = child.modes(of: watcher, at: path)
        return switch type {
        case .children: inChild.contains(.standard)
        case .data: inData.contains(.standard)
        case .persistent: inData.contains(.persistent)
        case .persistentRecursive: inData.contains(.recursive)
        case .any: !inData.isEmpty || !inChild.isEmpty
        }
    }

    /// Returns whether there was anything to remove. Source: `DataTree.removeWatch`.
    package mutating func remove(_ path: UnsafeRawBufferPointer, watcher: UInt32, type: WatcherType) -> Bool {
        switch type {
        case .children: return !child.remove(path, watcher: watcher, modes: .standard).isEmpty
        case .data: return !data.remove(path, watcher: watcher, modes: .standard).isEmpty
        case .persistent:
            let inChild = child.remove(path, watcher: watcher, modes: .persistent)
            return !data.remove(path, watcher: watcher, modes: .persistent).isEmpty || !inChild.isEmpty
        case .persistentRecursive: return !data.remove(path, watcher: watcher, modes: .recursive).isEmpty
        case .any:
            let all: WatchModes = [.standard, .persistent, .recursive]
            let inChild = child.remove(path, watcher: watcher, modes: all)
            return !data.remove(path, watcher: watcher, modes: all).isEmpty || !inChild.isEmpty
        }
    }

    /// Whether nobody watches anything: then no event needs a look.
    var isEmpty: Bool { data.pathCount == 0 && child.pathCount == 0 }

    /// The watchers of the data of a path, each once; their one-shot watches are gone.
    mutating func fireData(_ path: UnsafeRawBufferPointer) -> [UInt32] {
        hits.removeAll(keepingCapacity: true)
        data.fire(path, hits: &hits)
        serial += 1
        return takeHits(notToldSince: serial)
    }

    /// The watchers of the children of a path, each once.
    ///
    /// - Parameter afterData: leaves out those that the data event just before was for.
    mutating func fireChild(_ path: UnsafeRawBufferPointer, afterData: Bool) -> [UInt32] {
        hits.removeAll(keepingCapacity: true)
        child.fire(path, hits: &hits)
        let since = afterData ? serial : serial + 1
        serial += 1
        return takeHits(notToldSince: since)
    }

    private mutating func takeHits(notToldSince since: UInt64) -> [UInt32] {
        if hits.isEmpty { return [] }
        var watchers: [UInt32] = []
        for watcher in hits where lastTold[Int(watcher)] < since {
            lastTold[Int(watcher)] = serial
            watchers.append(watcher)
        }
        return watchers
    }

    mutating func append(_ type: EventType, path: UnsafeRawBufferPointer, zxid: Int64, to watchers: [UInt32]) {
        let start = firedPaths.count
        firedPaths.append(contentsOf: path)
        for watcher in watchers {
            fired.append(FiredEvent(watcher: watcher, type: type, zxid: zxid, path: start..<firedPaths.count))
        }
    }

    package mutating func clearFired() {
        fired.removeAll(keepingCapacity: true)
        firedPaths.removeAll(keepingCapacity: true)
    }
}

/// What the four-letter words and the admin server tell of watches: the data table only, as Apache.
extension WatchManager {
    package var watchedPathCount: Int { data.pathCount }
    package var watchingConnectionCount: Int { data.watcherCount }
    package var dataWatchCount: Int { data.watchCount }
    /// The watches of both tables: `watch_count`.
    package var watchCount: Int { data.watchCount + child.watchCount }
    package var byPath: [(path: [UInt8], watchers: [UInt32])] { data.byPath }
    package var byWatcher: [(watcher: UInt32, paths: [[UInt8]])] { data.byWatcher }
}
