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
    /// was not changed for longer than its TTL. Children protect both, and so does a txn in flight: what it leaves at the
    /// path may be another znode.
    package func reapable(nowMillis: Int64, neverUsedMillisMax: Int64) -> [UString] {
        var indices: [UInt32] = []
        for index in containers where znodes[index].pointee.childCount == 0 && isSettled(index) {
            let isUsed = znodes[index].pointee.cversion > 0
            // Times of a data directory may be any; what overflows wraps as in Java.
            let age = nowMillis &- znodes[index].pointee.mtimeMillis
            if isUsed || neverUsedMillisMax != 0 && age > neverUsedMillisMax { indices.append(index) }
        }
        for index in ttls where znodes[index].pointee.childCount == 0 && isSettled(index) {
            guard case .ttl(let millis) = ephemeralOwner(znodes[index].pointee.ephemeralOwner), millis != 0 else {
                continue
            }
            if nowMillis &- znodes[index].pointee.mtimeMillis > millis { indices.append(index) }
        }
        return indices.sorted().map { UString(bytes: Array(znodes[$0].pointee.path)) }
    }

    /// Whether no txn in flight touches a znode. Those that are busy have their turn at the next look.
    private func isSettled(_ index: UInt32) -> Bool { znodes[index].pointee.change == 0 }
}

/// What answers about a path will be long, roughly: with what is in flight, and without looking at everything.
extension ZnodeTree {
    package func expectedDataBytes(_ path: UnsafeRawBufferPointer) -> Int {
        let index = find(path)
        guard index != 0 else { return 0 }
        let inFlight = prepared(index).dataBase.map { Blob(base: $0).count } ?? 0
        return Swift.max(znodes[index].pointee.dataCount, inFlight)
    }

    /// From the names of the first children.
    package func expectedChildrenBytes(_ path: UnsafeRawBufferPointer) -> Int {
        let index = find(path)
        guard index != 0 else { return 0 }
        var (seen, bytes) = (0, 0)
        var child = znodes[index].pointee.firstChild
        while child != 0, seen < 16 {
            seen += 1
            bytes += 4 + znodes[child].pointee.name.count
            child = znodes[child].pointee.nextSibling
        }
        let count = Int(Swift.max(znodes[index].pointee.childCount, prepared(index).childCount))
        return seen == 0 ? count * 32 : count * (bytes / seen + 1)
    }

    package func aclBytes(_ path: UnsafeRawBufferPointer) -> Int {
        let index = findCommitted(path)
        return index == 0 ? 0 : acls.encoded(at: znodes[index].pointee.acl).count
    }

    package func ephemeralCount(of session: Int64) -> Int { ephemerals[session]?.count ?? 0 }
}
