import ZKCore

/// Quotas: `/zookeeper/quota/a/zookeeper_limits` holds the limits of `/a`, `zookeeper_stats` beside it what `/a` has.
/// Clients make both; the stats are kept up here, without a version, a zxid, a watch or a txn. Source: `DataTree`.
extension ZnodeTree {
    private static let quotaRoot = Array("/zookeeper/quota".utf8)
    private static let limitsName = Array("zookeeper_limits".utf8)
    private static let statsName = Array("zookeeper_stats".utf8)

    mutating func noteCreateForQuotas(_ index: UInt32, path: UnsafeRawBufferPointer, bytes: Int) {
        if path.count > 17, path[1] == UInt8(ascii: "z"), path.starts(with: Self.quotaRoot) {
            let name = Array(znodes[index].pointee.name)
            if name == Self.limitsName { quotas.insert(Self.subject(of: path, name: name)) }
            if name == Self.statsName { recount(Self.subject(of: path, name: name)) }
        }
        if quotas.isEmpty { return }
        adjustStats(of: path, bytes: Int64(bytes), count: 1)
    }

    mutating func noteDeleteForQuotas(path: UnsafeRawBufferPointer, bytes: Int) {
        if quotas.isEmpty { return }
        if path.starts(with: Self.quotaRoot) {
            let name = Array(path.suffix(Self.limitsName.count))
            if name == Self.limitsName, path[path.count - name.count - 1] == UInt8(ascii: "/") {
                quotas.remove(Self.subject(of: path, name: name))
            }
        }
        adjustStats(of: path, bytes: -Int64(bytes), count: -1)
    }

    mutating func noteSetDataForQuotas(path: UnsafeRawBufferPointer, difference: Int) {
        adjustStats(of: path, bytes: Int64(difference), count: 0)
    }

    /// The path that a limits or stats znode is about.
    private static func subject(of path: UnsafeRawBufferPointer, name: [UInt8]) -> [UInt8] {
        Array(path.dropFirst(quotaRoot.count).dropLast(name.count + 1))
    }

    private func find(_ name: [UInt8], of subject: [UInt8]) -> UInt32 {
        let path = Self.quotaRoot + subject + [UInt8(ascii: "/")] + name
        return path.withUnsafeBytes { findCommitted($0) }
    }

    private mutating func adjustStats(of path: UnsafeRawBufferPointer, bytes: Int64, count: Int64) {
        guard let prefix = quotas.longestPrefix(of: path) else { return }
        let index = find(Self.statsName, of: prefix)
        guard index != 0, var stats = StatsTrack(znodes[index].pointee.data) else { return }
        stats.count &+= count
        stats.bytes &+= bytes
        setStats(index, stats)
    }

    private mutating func setStats(_ index: UInt32, _ stats: StatsTrack) {
        var text = stats.text
        let before = znodes[index].pointee.dataCount
        heap.free(znodes[index].pointee.dataBase.map { Blob(base: $0) })
        let base = text.withUTF8 { heap.makeBlob(UnsafeRawBufferPointer($0)).base }
        znodes[index].pointee.dataBase = base
        dataBytes += znodes[index].pointee.dataCount - before
        // A change in flight borrows the old data; a quota's stats are outside the digest, so only the pointer counts.
        let change = znodes[index].pointee.change
        if change != 0, changes[change].pointee.mzxid == znodes[index].pointee.mzxid {
            changes[change].pointee.dataBase = base
        }
    }

    /// Counts the znodes and bytes at and below a path into its stats znode.
    private mutating func recount(_ subject: [UInt8]) {
        let index = find(Self.statsName, of: subject)
        guard index != 0 else { return }
        var stats = StatsTrack()
        stats.count = 0
        stats.bytes = 0
        let top = subject.withUnsafeBytes { findCommitted($0) }
        if top != 0, !subject.isEmpty {
            forEachBelow(top) { znode in
                stats.count += 1
                stats.bytes += Int64(znode.pointee.dataCount)
            }
        }
        setStats(index, stats)
    }

    /// After a snapshot was loaded: registers every limits znode and counts its subject anew. Source: `DataTree.setupQuota`.
    package mutating func recountAllQuotas() {
        let quotaRoot = Self.quotaRoot.withUnsafeBytes { findCommitted($0) }
        guard quotaRoot != 0 else { return }
        quotas = QuotaPaths()
        var subjects: [[UInt8]] = []
        forEachBelow(quotaRoot) { znode in
            let name = Array(znode.pointee.name)
            let path = znode.pointee.path
            if name == Self.limitsName, path.count > Self.quotaRoot.count + name.count + 1 {
                subjects.append(Self.subject(of: path, name: name))
            }
        }
        for subject in subjects {
            quotas.insert(subject)
            recount(subject)
        }
    }

    /// Refuses what a hard limit does not allow, with all that is in flight done. Apache looks at what is applied alone,
    /// and lets through as much as there is in its pipeline.
    ///
    /// Source: `ZooKeeperServer.checkQuota`.
    func checkQuota(
        path: UnsafeRawBufferPointer, bytesDifference: Int, countDifference: Int64
    ) throws(Refusal) {
        guard options.enforceQuota, !quotas.isEmpty, let prefix = quotas.longestPrefix(of: path) else { return }
        let limitsIndex = find(Self.limitsName, of: prefix)
        let statsIndex = find(Self.statsName, of: prefix)
        guard limitsIndex != 0, statsIndex != 0, willExist(limitsIndex),
            let limits = StatsTrack(prepared(limitsIndex).dataBase.map { Blob(base: $0).bytes }),
            let stats = StatsTrack(znodes[statsIndex].pointee.data)
        else { return }
        let inFlight = quotaUsage.inFlight(for: prefix)
        if countDifference != 0, limits.countHardLimit > -1,
            stats.count &+ inFlight.count &+ countDifference > limits.countHardLimit
        {
            throw Refusal(.quotaExceeded)
        }
        if bytesDifference != 0, limits.byteHardLimit > -1,
            stats.bytes &+ inFlight.bytes &+ Int64(bytesDifference) > limits.byteHardLimit
        {
            throw Refusal(.quotaExceeded)
        }
    }

    /// Counts a change that was prepared, until it is applied.
    @inline(__always)
    mutating func noteInFlightForQuotas(_ path: UnsafeRawBufferPointer, count: Int64, bytes: Int, zxid: Int64) {
        guard !quotas.isEmpty, options.enforceQuota else { return }
        countInFlight(path, count: count, bytes: bytes, zxid: zxid)
    }

    private mutating func countInFlight(_ path: UnsafeRawBufferPointer, count: Int64, bytes: Int, zxid: Int64) {
        guard let prefix = quotas.longestPrefix(of: path) else { return }
        quotaUsage.add(zxid: zxid, subject: prefix, count: count, bytes: Int64(bytes))
    }

    /// Visits a committed znode and all its descendants.
    func forEachBelow(_ top: UInt32, _ visit: (UnsafeMutablePointer<Znode>) -> Void) {
        var current = top
        while true {
            visit(znodes[current])
            if znodes[current].pointee.firstChild != 0 {
                current = znodes[current].pointee.firstChild
                continue
            }
            while current != top, znodes[current].pointee.nextSibling == 0 {
                current = znodes[current].pointee.parent
            }
            if current == top { return }
            current = znodes[current].pointee.nextSibling
        }
    }
}
