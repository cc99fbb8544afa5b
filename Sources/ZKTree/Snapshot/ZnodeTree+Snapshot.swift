package import ZKCore

/// How far a snapshot has come.
package struct SnapshotCursor {
    fileprivate var next: UInt32 = 1

    package init() {}
}

/// Hands the tree out in pieces, so that the lock is never held for long. What is made while a snapshot is under way
/// does not come into it: the txns behind the snapshot's zxid make it again.
extension ZnodeTree {
    /// Each znode beside its path and its data: their lengths, the list, the stat.
    private static let znodeBytes = 84

    /// About how long a snapshot is.
    package var snapshotBytes: Int { dataBytes + znodeCount * Self.znodeBytes }

    /// Starts a snapshot of all znodes that are there now. One is taken at a time.
    package mutating func beginSnapshot() -> SnapshotCursor {
        snapshotGeneration = (snapshotGeneration &+ 1) & (UInt32.max >> 1)
        return SnapshotCursor()
    }

    /// Emits some znodes, parents before their children.
    ///
    /// - Parameters:
    ///   - bytes: of znodes as a snapshot has them, after which the piece ends as after `count` znodes. It has one znode at least.
    ///   - emit: gets "" as the path of the root.
    /// - Returns: whether there may be more.
    package mutating func continueSnapshot(
        _ cursor: inout SnapshotCursor, count: Int, bytes: Int,
        emit: (UnsafeRawBufferPointer, UnsafeRawBufferPointer?, Int64, StatPersisted) -> Void
    ) -> Bool {
        var emitted = 0
        var emittedBytes = 0
        var chain: [UInt32] = []
        while cursor.next < znodes.end, emitted < count, emittedBytes < bytes {
            var index = cursor.next
            while index != 0, needsEmission(index) {
                chain.append(index)
                index = znodes[index].pointee.parent
            }
            while let next = chain.popLast() {
                // A deep path may have many ancestors with much data: those that are left have their turn again.
                if emitted > 0, emitted >= count || emittedBytes >= bytes { return true }
                let znode = znodes[next]
                znode.pointee.mark = snapshotGeneration << 1 | 1
                let path = next == Self.root ? UnsafeRawBufferPointer(start: nil, count: 0) : znode.pointee.path
                emit(path, znode.pointee.data, acls.id(at: znode.pointee.acl), znode.pointee.statPersisted)
                emitted += 1
                emittedBytes += Self.znodeBytes + path.count + znode.pointee.dataCount
            }
            cursor.next += 1
        }
        return cursor.next < znodes.end
    }

    private func needsEmission(_ index: UInt32) -> Bool {
        let mark = znodes[index].pointee.mark
        return mark & 1 != 0 && mark >> 1 != snapshotGeneration
    }
}
