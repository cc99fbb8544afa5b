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
