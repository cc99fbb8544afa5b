import Testing
import ZKCore

@testable import ZKTree

/// Numbers of a snapshot may be any.
@Suite(.timeLimit(.minutes(10))) struct OddSnapshotTests {
    private static func restore(
        lists: [Int64: [ACL]] = [:], _ path: String, owner: Int64, mtime: Int64, into harness: TreeHarness
    ) {
        harness.tree = ZnodeTree(options: harness.tree.options, bare: true)
        for (id, list) in lists { harness.tree.restoreACLList(id: id, list) }
        var stat = StatPersisted()
        for (text, isRoot) in [("", true), (path, false)] {
            stat.ephemeralOwner = isRoot ? 0 : owner
            stat.mtimeMillis = isRoot ? 0 : mtime
            let isTaken = Array(text.utf8).withUnsafeBytes {
                harness.tree.restoreZnode(path: $0, data: nil, aclID: lists.keys.first ?? -1, stat: stat)
            }
            #expect(isTaken)
        }
        harness.tree.finishRestore(zxid: 1)
        harness.tree.finishRecovery(lastZxid: 1)
    }

    @Test(arguments: [Int64.max - 1, Int64.max] as [Int64]) func listsGetIDsAfterTheHighest(id: Int64) {
        let harness = TreeHarness()
        Self.restore(
            lists: [id: [ACL(perms: .all, scheme: "ip", id: "127.0.0.1")]], "/a", owner: 0, mtime: 0, into: harness)
        for number in 1...4 {
            let list = [ACL(perms: .all, scheme: "ip", id: UString("10.0.0.\(number)"))]
            #expect(harness.create("/a\(number)", acl: list) == .ok)
            #expect(harness.acl("/a\(number)") == list)
        }
        let ids = harness.tree.acls.listsInUse.map(\.id)
        #expect(Set(ids).count == 5)
        #expect(ids.allSatisfy { $0 > 0 })
    }

    @Test(arguments: [Int64.min, Int64.min + 1, Int64.max, 0] as [Int64]) func agesOfAnyTimeAreTold(mtime: Int64) {
        let owners = [EphemeralOwner.ttl(millis: 1), .ttl(millis: EphemeralOwner.ttlMillisMax), .container]
        for owner in owners {
            let harness = TreeHarness()
            Self.restore("/a", owner: owner.rawValue, mtime: mtime, into: harness)
            let gone = harness.reapable(after: 1, neverUsedMillisMax: 1)
            // What overflows is no age, as in Java.
            if mtime != 0 { #expect(gone.isEmpty) }
        }
    }
}
