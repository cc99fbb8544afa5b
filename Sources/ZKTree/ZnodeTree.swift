import ZKCore

/// The znodes, and everything else that a snapshot holds: sessions, access control lists, digest.
///
/// One value, changed by one thread at a time: the server keeps it behind its lock. A request is prepared against the
/// tree and the in-flight changes, logged, and then applied; the changes of a prepared txn hang on the znodes they
/// concern until the txn is applied, and no reader sees them before.
package struct ZnodeTree: ~Copyable {
    static let root: UInt32 = 1

    package var options: TreeOptions
    var heap = BlockHeap()
    var znodes = Slab<Znode>()
    var changes = Slab<Change>()
    var paths = HashIndex(minimumCapacity: 64)
    let hasher: PathHasher
    package internal(set) var acls = ACLCache()
    package var watches: WatchManager
    /// The sessions and their timeouts in milliseconds.
    package internal(set) var sessions: [Int64: Int32] = [:]
    /// The committed ephemeral znodes of each session.
    var ephemerals: [Int64: Set<UInt32>] = [:]
    var containers: Set<UInt32> = []
    var ttls: Set<UInt32> = []
    var quotas = QuotaPaths()
    var quotaUsage = QuotaUsage()
    package internal(set) var lastProcessedZxid: Int64 = 0
    /// The zxid that the next txn will be one above.
    package internal(set) var lastPreparedZxid: Int64 = 0
    /// Of the committed state; kept only when the option is on.
    package internal(set) var digest: UInt64 = 0
    /// Of the state with all in-flight txns.
    var preparedDigest: UInt64 = 0
    /// After a recovery: the digest that was taken from the log, while it is compared with the znodes.
    var digestClaim: DigestClaim?
    /// The committed znodes, the root among them.
    package internal(set) var znodeCount = 0
    /// The bytes of all paths and data: `approximate_data_size`.
    package internal(set) var dataBytes = 0
    package internal(set) var ephemeralCount = 0
    /// The number of the snapshot that is being taken, or was last.
    var snapshotGeneration: UInt32 = 0
    /// While a snapshot is loaded: the slots of the lists by the IDs it gives them.
    var restoredSlots: [Int64: UInt32] = [:]
    var lastRestoredParent: UInt32 = 0
    /// Where prepare builds a path with its sequence number.
    var scratchPath: [UInt8] = []
    /// Undoes the changes of a multi; nil outside of one.
    var undo: [UndoRecord]?

    /// - Parameter bare: leaves out `/zookeeper` and what is in it: a snapshot brings its own.
    package init(options: TreeOptions = TreeOptions(), seed: UInt64? = nil, bare: Bool = false) {
        self.options = options
        hasher = seed.map { PathHasher(seed: $0) } ?? PathHasher()
        watches = WatchManager(hasher: hasher)
        let root = reserve(path: "/", parent: 0)
        commitSystemZnode(root, acl: 0, aversion: 0)
        guard !bare else { return }
        makeSystemZnodes()
        recomputeDigest()
    }

    /// Source: the constructor of `DataTree` and `DataTree.addConfigNode`.
    private mutating func makeSystemZnodes() {
        let zookeeper = reserve(path: "/zookeeper", parent: Self.root)
        commitSystemZnode(zookeeper, acl: 0, aversion: 0)
        let quota = reserve(path: "/zookeeper/quota", parent: zookeeper)
        commitSystemZnode(quota, acl: 0, aversion: 0)
        let config = reserve(path: "/zookeeper/config", parent: zookeeper)
        commitSystemZnode(config, acl: acls.intern(.readUnsafe), aversion: -1)
    }

    private mutating func commitSystemZnode(_ index: UInt32, acl: UInt32, aversion: Int32) {
        znodes[index].pointee.acl = acl
        znodes[index].pointee.aversion = aversion
        znodes[index].pointee.dataBase = heap.empty.base
        linkCommitted(index)
    }
}

extension ZnodeTree {
    /// The znode at `index`. The pointer is good until the next create is prepared or replayed.
    @inline(__always)
    package func znode(_ index: UInt32) -> UnsafeMutablePointer<Znode> { znodes[index] }

    /// The index of the znode at `path`, committed or only prepared; 0 if there is none. "" is the root as well.
    @inline(__always)
    func find(_ path: UnsafeRawBufferPointer) -> UInt32 {
        if path.count <= 1 {
            if path.count == 0 || path[0] == UInt8(ascii: "/") { return Self.root }
        }
        return paths.find(hash: hasher.hash(path)) { bytesAreEqual(znodes[$0].pointee.path, path) }
    }

    /// The index of the committed znode at `path`, or 0.
    @inline(__always)
    package func findCommitted(_ path: UnsafeRawBufferPointer) -> UInt32 {
        let index = find(path)
        return index != 0 && znodes[index].pointee.isCommitted ? index : 0
    }

    package func findCommitted(_ path: String) -> UInt32 {
        var path = path
        return path.withUTF8 { findCommitted(UnsafeRawBufferPointer($0)) }
    }

    /// Puts a path into the table, without a znode that anybody sees.
    mutating func reserve(path: UnsafeRawBufferPointer, parent: UInt32) -> UInt32 {
        let index = znodes.allocate()
        znodes[index].initialize(
            to: Znode(
                czxid: 0, mzxid: 0, pzxid: 0, ctimeMillis: 0, mtimeMillis: 0, ephemeralOwner: 0,
                pathBase: heap.makeBlob(path).base, dataBase: nil, version: 0, cversion: 0, aversion: 0, acl: 0,
                parent: parent, firstChild: 0, nextSibling: 0, previousSibling: 0, childCount: 0, digest: 0, mark: 0,
                change: 0))
        paths.insert(hash: hasher.hash(path), index: index)
        return index
    }

    private mutating func reserve(path: String, parent: UInt32) -> UInt32 {
        var path = path
        return path.withUTF8 { reserve(path: UnsafeRawBufferPointer($0), parent: parent) }
    }

    /// Frees a slot that is neither committed nor has a change in flight.
    mutating func releaseSlot(_ index: UInt32) {
        let path = znodes[index].pointee.path
        paths.remove(hash: hasher.hash(path), index: index)
        heap.free(Blob(base: znodes[index].pointee.pathBase))
        znodes.release(index)
    }

    /// Makes a znode visible: the first of its parent's children, counted, in the digest.
    mutating func linkCommitted(_ index: UInt32) {
        let znode = znodes[index]
        znode.pointee.mark = snapshotGeneration << 1 | 1
        let parent = znode.pointee.parent
        if parent != 0 {
            let first = znodes[parent].pointee.firstChild
            znode.pointee.previousSibling = 0
            znode.pointee.nextSibling = first
            if first != 0 { znodes[first].pointee.previousSibling = index }
            znodes[parent].pointee.firstChild = index
            znodes[parent].pointee.childCount += 1
        }
        znodeCount += 1
        dataBytes += znode.pointee.path.count + znode.pointee.dataCount
    }

    mutating func unlinkCommitted(_ index: UInt32) {
        let znode = znodes[index]
        znode.pointee.mark &= ~1
        let parent = znode.pointee.parent
        let previous = znode.pointee.previousSibling
        let next = znode.pointee.nextSibling
        if previous != 0 {
            znodes[previous].pointee.nextSibling = next
        } else {
            znodes[parent].pointee.firstChild = next
        }
        if next != 0 { znodes[next].pointee.previousSibling = previous }
        znodes[parent].pointee.childCount -= 1
        znodeCount -= 1
        dataBytes -= znode.pointee.path.count + znode.pointee.dataCount
    }

    /// The committed digest of a znode, computed when it is not known.
    mutating func committedDigest(_ index: UInt32) -> UInt32 {
        let znode = znodes[index]
        if znode.pointee.digest == 0 {
            znode.pointee.digest = computeDigest(index)
            digestClaim?.sum &+= UInt64(znode.pointee.digest)
        }
        return znode.pointee.digest
    }

    func computeDigest(_ index: UInt32) -> UInt32 {
        let znode = znodes[index]
        let path = znode.pointee.path
        if TreeDigest.excludes(path) { return 0 }
        return TreeDigest.digest(
            content: TreeDigest.content(
                path: index == Self.root ? path.part(from: 0, to: 0) : path, data: znode.pointee.data),
            czxid: znode.pointee.czxid, mzxid: znode.pointee.mzxid, pzxid: znode.pointee.pzxid,
            ctimeMillis: znode.pointee.ctimeMillis, mtimeMillis: znode.pointee.mtimeMillis,
            version: znode.pointee.version, cversion: znode.pointee.cversion, aversion: znode.pointee.aversion,
            ephemeralOwner: znode.pointee.ephemeralOwner)
    }

    /// Sums up the digests of all committed znodes, as at the end of a recovery.
    package mutating func recomputeDigest() {
        guard options.digestEnabled else { return }
        var sum: UInt64 = 0
        for index in 1..<znodes.end where znodes[index].pointee.isCommitted {
            znodes[index].pointee.digest = computeDigest(index)
            sum &+= UInt64(znodes[index].pointee.digest)
        }
        digest = sum
        preparedDigest = sum
    }
}
