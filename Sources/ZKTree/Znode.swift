package import ZKCore

/// A znode as the tree keeps it: 112 bytes beside its path and its data.
///
/// Children are a list through their siblings. A znode is in the tree's table from the moment a create was prepared,
/// so that in-flight changes hang on it and nothing is looked up twice; until that create is applied it is not
/// ``isCommitted`` and no reader sees it.
package struct Znode: BitwiseCopyable {
    package internal(set) var czxid: Int64
    package internal(set) var mzxid: Int64
    package internal(set) var pzxid: Int64
    package internal(set) var ctimeMillis: Int64
    package internal(set) var mtimeMillis: Int64
    /// As in a snapshot: see `EphemeralOwner`.
    package internal(set) var ephemeralOwner: Int64
    var pathBase: UnsafeMutableRawPointer
    var dataBase: UnsafeMutableRawPointer?
    package internal(set) var version: Int32
    /// Counts the creates of children only.
    package internal(set) var cversion: Int32
    package internal(set) var aversion: Int32
    /// An index into the cache of access control lists.
    package internal(set) var acl: UInt32
    package internal(set) var parent: UInt32
    package internal(set) var firstChild: UInt32
    package internal(set) var nextSibling: UInt32
    var previousSibling: UInt32
    package internal(set) var childCount: UInt32
    /// The CRC-32 of this znode for the tree digest; 0 when it was not computed yet.
    var digest: UInt32
    /// The generation of the last snapshot that has this znode, and in the lowest bit whether it is committed.
    var mark: UInt32
    /// The newest in-flight state, an index into the changes; 0 for none.
    var change: UInt32

    package var path: UnsafeRawBufferPointer { Blob(base: pathBase).bytes }

    package var data: UnsafeRawBufferPointer? {
        guard let dataBase else { return nil }
        return Blob(base: dataBase).bytes
    }

    package var dataCount: Int {
        guard let dataBase else { return 0 }
        return Blob(base: dataBase).count
    }

    package var isCommitted: Bool { mark & 1 != 0 }

    /// The part of the path behind the last slash.
    package var name: UnsafeRawBufferPointer {
        let path = path
        var start = path.count
        while start > 0, path[start - 1] != UInt8(ascii: "/") { start -= 1 }
        return path.part(from: start, to: path.count)
    }

    package var statPersisted: StatPersisted {
        StatPersisted(
            czxid: Zxid(rawValue: czxid), mzxid: Zxid(rawValue: mzxid), ctimeMillis: ctimeMillis,
            mtimeMillis: mtimeMillis, version: version, cversion: cversion, aversion: aversion,
            ephemeralOwner: ephemeralOwner, pzxid: Zxid(rawValue: pzxid))
    }
}
