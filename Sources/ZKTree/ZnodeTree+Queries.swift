package import ZKCore

extension ZnodeTree {
    /// The number of znodes below a committed one.
    ///
    /// For the root, one less than all znodes, as Apache counts them.
    package func descendantCount(of index: UInt32) -> Int {
        if index == Self.root { return znodeCount - 1 }
        var count = -1
        forEachBelow(index) { _ in count += 1 }
        return count
    }

    /// The paths of the ephemeral znodes of a session that begin with `prefix`; blank or "/" means all.
    package func ephemeralPaths(of session: Int64, prefix: UString? = nil) -> [UString] {
        var paths = (ephemerals[session] ?? []).map { UString(bytes: Array(znodes[$0].pointee.path)) }
        if let prefix {
            let trimmed = prefix.bytes.filter { $0 > UInt8(ascii: " ") }
            if !trimmed.isEmpty, trimmed != [UInt8(ascii: "/")] {
                paths.removeAll { !$0.bytes.starts(with: prefix.bytes) }
            }
        }
        return paths
    }

    /// The sessions that have ephemeral znodes.
    package var sessionsWithEphemerals: [Int64] { Array(ephemerals.keys) }

    package var containerCount: Int { containers.count }
    package var ttlCount: Int { ttls.count }
}

extension ZnodeTree {
    /// The containers and TTL znodes that may be deleted.
    ///
    /// A container counts once it has had a child, or after `neverUsedMillisMax` if that is not 0; a TTL znode when it
    /// was not changed for longer than its TTL. Children protect both.
    package func reapable(nowMillis: Int64, neverUsedMillisMax: Int64) -> [UString] {
        var indices: [UInt32] = []
        for index in containers where znodes[index].pointee.childCount == 0 {
            let isUsed = znodes[index].pointee.cversion > 0
            let age = nowMillis - znodes[index].pointee.mtimeMillis
            if isUsed || neverUsedMillisMax != 0 && age > neverUsedMillisMax { indices.append(index) }
        }
        for index in ttls where znodes[index].pointee.childCount == 0 {
            guard case .ttl(let millis) = ephemeralOwner(znodes[index].pointee.ephemeralOwner), millis != 0 else {
                continue
            }
            if nowMillis - znodes[index].pointee.mtimeMillis > millis { indices.append(index) }
        }
        return indices.sorted().map { UString(bytes: Array(znodes[$0].pointee.path)) }
    }
}
