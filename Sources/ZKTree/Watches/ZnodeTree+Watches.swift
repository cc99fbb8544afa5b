package import ZKCore

extension ZnodeTree {
    /// Tells the data watchers of a path. One who may not read the znode loses its one-shot watch and hears nothing.
    mutating func fireDataWatches(
        _ path: UnsafeRawBufferPointer, _ type: EventType, zxid: Int64, acl: UInt32
    ) {
        let watchers = watches.fireData(path)
        if !watchers.isEmpty { append(type, path: path, zxid: zxid, acl: acl, to: watchers) }
    }

    mutating func fireChildWatches(
        _ path: UnsafeRawBufferPointer, _ type: EventType, zxid: Int64, acl: UInt32, afterData: Bool = false
    ) {
        let watchers = watches.fireChild(path, afterData: afterData)
        if !watchers.isEmpty { append(type, path: path, zxid: zxid, acl: acl, to: watchers) }
    }

    private mutating func append(
        _ type: EventType, path: UnsafeRawBufferPointer, zxid: Int64, acl: UInt32, to watchers: [UInt32]
    ) {
        let allowed = watchers.filter { watcher in
            watches.requester(of: watcher).map { isAllowed(.read, by: $0, acl: acl) } ?? false
        }
        if !allowed.isEmpty { watches.append(type, path: path, zxid: zxid, to: allowed) }
    }

    /// Arms the watches of a client that comes back. What changed after `relativeZxid` is reported at once, with the
    /// zxid -1 and without a look at access control lists. Source: `DataTree.setWatches`.
    package mutating func setWatches(
        relativeZxid: Int64, data: [UString], exist: [UString], child: [UString], persistent: [UString],
        recursive: [UString], watcher: UInt32
    ) {
        for path in data {
            setWatch(path, watcher: watcher) { (tree, bytes, index) in
                if index == 0 { return .nodeDeleted }
                if tree.znodes[index].pointee.mzxid > relativeZxid { return .nodeDataChanged }
                tree.watches.addDataWatch(bytes, watcher: watcher)
                return nil
            }
        }
        for path in exist {
            setWatch(path, watcher: watcher) { (tree, bytes, index) in
                if index != 0 { return .nodeCreated }
                tree.watches.addDataWatch(bytes, watcher: watcher)
                return nil
            }
        }
        for path in child {
            setWatch(path, watcher: watcher) { (tree, bytes, index) in
                if index == 0 { return .nodeDeleted }
                if tree.znodes[index].pointee.pzxid > relativeZxid { return .nodeChildrenChanged }
                tree.watches.addChildWatch(bytes, watcher: watcher)
                return nil
            }
        }
        for path in persistent {
            path.bytes.withUnsafeBytes { watches.addWatch($0, watcher: watcher, mode: .persistent) }
        }
        for path in recursive {
            path.bytes.withUnsafeBytes { watches.addWatch($0, watcher: watcher, mode: .persistentRecursive) }
        }
    }

    private mutating func setWatch(
        _ path: UString, watcher: UInt32,
        _ decide: (inout ZnodeTree, UnsafeRawBufferPointer, UInt32) -> EventType?
    ) {
        path.bytes.withUnsafeBytes { bytes in
            if let event = decide(&self, bytes, findCommitted(bytes)) {
                watches.append(event, path: bytes, zxid: -1, to: [watcher])
            }
        }
    }
}
