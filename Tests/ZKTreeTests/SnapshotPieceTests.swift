import Testing

@testable import ZKTree

/// A piece of a snapshot is handed out under one hold of the lock, so it must not be large.
@Suite(.timeLimit(.minutes(10))) struct SnapshotPieceTests {
    /// The paths of each piece.
    private static func pieces(_ harness: TreeHarness, count: Int, bytes: Int) -> [[String]] {
        var cursor = harness.tree.beginSnapshot()
        var pieces: [[String]] = []
        var hasMore = true
        while hasMore {
            var piece: [String] = []
            hasMore = harness.tree.continueSnapshot(&cursor, count: count, bytes: bytes) { path, _, _, _ in
                piece.append(String(decoding: path, as: UTF8.self))
            }
            pieces.append(piece)
        }
        return pieces
    }

    @Test func aPieceEndsByItsBytes() {
        let harness = TreeHarness()
        for number in 0..<10 { harness.create("/n\(number)", data: [UInt8](repeating: 1, count: 1000)) }
        let pieces = Self.pieces(harness, count: 1000, bytes: 2100)
        #expect(pieces.allSatisfy { $0.filter { $0.hasPrefix("/n") }.count <= 2 })
        #expect(pieces.joined().count == harness.tree.znodeCount)
        #expect(Set(pieces.joined()).count == harness.tree.znodeCount)
    }

    /// The slot of a znode may come before those of its ancestors.
    @Test func aLongChainOfAncestorsIsHandedOutInPieces() {
        let harness = TreeHarness()
        // The slots that these free are taken again, the last first.
        for number in 0..<50 { harness.create("/x\(number)") }
        for number in 0..<50 { harness.apply(harness.prepareDelete("/x\(number)")) }
        var path = ""
        for depth in 0..<50 {
            path += "/d\(depth)"
            harness.create(path, data: [UInt8](repeating: 1, count: 1000))
        }
        let pieces = Self.pieces(harness, count: 1000, bytes: 1)
        #expect(pieces.allSatisfy { $0.count <= 1 })
        let order = Array(pieces.joined())
        #expect(order.count == harness.tree.znodeCount)
        for (index, path) in order.enumerated() where path.hasPrefix("/d") {
            let parent = path.split(separator: "/").dropLast().map { "/\($0)" }.joined()
            #expect(order[..<index].contains(parent))
        }
    }
}
