/// The digest of a recovered tree as the log tells it, and what its znodes have come to so far.
///
/// A million checksums would be most of a restart that is otherwise done, and nothing needs them at once: the sum of all
/// is in the log, and that of one znode is computed when it first changes. So the server starts with what the log says,
/// and looks through the znodes afterwards. Each znode of the recovered tree is counted once: by the look, or by the
/// change that came before it.
struct DigestClaim {
    let digest: UInt64
    /// Of the state that the claim is about: younger znodes are not counted.
    let zxid: Int64
    var sum: UInt64 = 0
    var next: UInt32 = 1
}

extension ZnodeTree {
    /// Whether a recovered digest is still to be compared: then ``compareDigest(count:)`` is.
    package var isDigestClaimed: Bool { digestClaim != nil }

    /// Looks at some more znodes.
    ///
    /// - Returns: nil while there are more; then whether the tree is as the log says. If not, the digest is put right.
    package mutating func compareDigest(count: Int) -> Bool? {
        guard let claim = digestClaim else { return true }
        let end = min(znodes.end, claim.next &+ UInt32(count))
        for index in claim.next..<max(claim.next, end) {
            // One that is being changed was counted when that was prepared.
            guard znodes[index].pointee.isCommitted, znodes[index].pointee.change == 0,
                znodes[index].pointee.czxid <= claim.zxid
            else { continue }
            _ = committedDigest(index)
        }
        guard end == znodes.end, let counted = digestClaim else {
            digestClaim?.next = end
            return nil
        }
        digestClaim = nil
        let difference = counted.sum &- counted.digest
        digest &+= difference
        preparedDigest &+= difference
        return difference == 0
    }
}
