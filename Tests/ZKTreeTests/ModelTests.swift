import Support
import Testing
import ZKCore

@testable import ZKTree

/// Random requests, some of them in flight together, against a tree that anyone can understand.
@Suite("Random requests against a model", .timeLimit(.minutes(10)))
struct ModelTests {
    private struct Model: Equatable {
        struct Znode: Equatable {
            var data: [UInt8]
            var version: Int32
            var creates: Int32
            var children: Set<String>
        }

        var znodes: [String: Znode] = ["": Znode(data: [], version: 0, creates: 0, children: [])]

        static func parent(_ path: String) -> String {
            String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
        }

        mutating func create(_ path: String, _ data: [UInt8]) -> ErrorCode {
            let parent = Self.parent(path)
            guard znodes[parent] != nil else { return .noNode }
            guard znodes[path] == nil else { return .nodeExists }
            znodes[path] = Znode(data: data, version: 0, creates: 0, children: [])
            znodes[parent]?.creates += 1
            znodes[parent]?.children.insert(path)
            return .ok
        }

        mutating func delete(_ path: String) -> ErrorCode {
            guard znodes[Self.parent(path)] != nil, let znode = znodes[path] else { return .noNode }
            guard znode.children.isEmpty else { return .notEmpty }
            znodes[path] = nil
            znodes[Self.parent(path)]?.children.remove(path)
            return .ok
        }

        mutating func setData(_ path: String, _ data: [UInt8]) -> ErrorCode {
            guard znodes[path] != nil else { return .noNode }
            znodes[path]?.data = data
            znodes[path]?.version += 1
            return .ok
        }
    }

    private static let paths = ["/a", "/b", "/a/x", "/a/y", "/b/x", "/a/x/1", "/a/x/2", "/c"]

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func agrees(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let harness = TreeHarness()
        var model = Model()
        var inFlight: [PreparedTxn] = []
        for step in 0..<4_000 {
            let path = Self.paths.randomElement(using: &random)!
            let data = [UInt8](
                repeating: UInt8.random(in: 0...255, using: &random), count: Int.random(in: 0...40, using: &random))
            let txn: PreparedTxn
            let expected: ErrorCode
            switch Int.random(in: 0..<8, using: &random) {
            case 0...2:
                txn = harness.prepareCreate(path, data: data)
                expected = model.create(path, data)
            case 3...4:
                txn = harness.prepareDelete(path)
                expected = model.delete(path)
            case 5:
                let other = Self.paths.randomElement(using: &random)!
                txn = harness.prepareMulti([.create(path), .setData(path, data), .delete(other)])
                var attempt = model
                let codes = [attempt.create(path, []), attempt.setData(path, data), attempt.delete(other)]
                let failed = codes.first { $0 != .ok }
                if failed == nil { model = attempt }
                #expect(txn.value == (failed?.rawValue ?? 0), "seed \(seed), step \(step)")
                expected = .ok
            default:
                txn = harness.prepareSetData(path, data)
                expected = model.setData(path, data)
            }
            #expect((txn.type == .error ? txn.error : .ok) == expected, "seed \(seed), step \(step): \(path)")
            inFlight.append(txn)
            if Int.random(in: 0..<6, using: &random) == 0 {
                for txn in inFlight { harness.apply(txn) }
                inFlight = []
                compare(harness.tree, model, "seed \(seed), step \(step)")
            }
        }
        for txn in inFlight { harness.apply(txn) }
        compare(harness.tree, model, "seed \(seed), end")
        #expect(harness.changesInFlight == 0)
        // What prepare summed up is what the tree adds up to.
        let digest = harness.tree.digest
        harness.tree.recomputeDigest()
        let sum = harness.tree.digest
        #expect(sum == digest)
    }

    private func compare(_ tree: borrowing ZnodeTree, _ model: Model, _ place: String) {
        // /zookeeper and what is in it are not in the model.
        let count = tree.znodeCount
        #expect(count == model.znodes.count + 3, "\(place)")
        for (path, znode) in model.znodes {
            let index = tree.findCommitted(path)
            guard index != 0 else {
                Issue.record("\(place): \(path) is missing")
                continue
            }
            let actual = tree.znode(index).pointee
            let isRoot = path.isEmpty
            #expect(actual.data.map { Array($0) } == znode.data, "\(place): \(path)")
            #expect(actual.version == znode.version, "\(place): \(path)")
            #expect(actual.cversion == znode.creates, "\(place): \(path)")
            #expect(Int(actual.childCount) == znode.children.count + (isRoot ? 1 : 0), "\(place): \(path)")
            var children: Set<String> = []
            var child = actual.firstChild
            while child != 0 {
                children.insert(String(decoding: tree.znode(child).pointee.path, as: UTF8.self))
                child = tree.znode(child).pointee.nextSibling
            }
            #expect(children == (isRoot ? znode.children.union(["/zookeeper"]) : znode.children), "\(place): \(path)")
        }
    }

    /// A recovered tree starts with the digest that the log tells; each znode is counted once, whatever happens meanwhile.
    @Test(arguments: 20..<30 as Range<UInt64>, [0, 1] as [UInt64])
    func aDigestIsComparedWhileWritesGoOn(seed: UInt64, error: UInt64) {
        var random = SeededGenerator(seed: seed)
        let harness = TreeHarness()
        var inFlight: [PreparedTxn] = []
        func write() {
            let path = Self.paths.randomElement(using: &random)!
            switch Int.random(in: 0..<5, using: &random) {
            case 0...1: inFlight.append(harness.prepareCreate(path, data: [UInt8(truncatingIfNeeded: random.next())]))
            case 2: inFlight.append(harness.prepareDelete(path))
            case 3: inFlight.append(harness.prepareMulti([.delete(path), .create(path), .check("/none", 1)]))
            default: inFlight.append(harness.prepareSetData(path, [1, 2]))
            }
            while inFlight.count > Int.random(in: 0..<6, using: &random) { harness.apply(inFlight.removeFirst()) }
        }
        for _ in 0..<100 { write() }
        while !inFlight.isEmpty { harness.apply(inFlight.removeFirst()) }
        // As after a recovery.
        for index in 1..<harness.tree.znodes.end { harness.tree.znodes[index].pointee.digest = 0 }
        harness.tree.finishRecovery(lastZxid: harness.tree.lastProcessedZxid, digest: harness.tree.digest &+ error)
        var isRight: Bool?
        for _ in 0..<Int.random(in: 0..<40, using: &random) { write() }
        while isRight == nil {
            isRight = harness.tree.compareDigest(count: 2)
            for _ in 0..<3 { write() }
        }
        #expect(isRight == (error == 0), "seed \(seed)")
        while !inFlight.isEmpty { harness.apply(inFlight.removeFirst()) }
        // Txns that were in flight when it was put right still carry what they were prepared with: one more follows.
        harness.apply(harness.prepareSetData("/", [9]))
        let digest = harness.tree.digest
        harness.tree.recomputeDigest()
        let sum = harness.tree.digest
        #expect(sum == digest, "seed \(seed)")
    }

    /// Snapshots taken in pieces between writes, and replayed over, give the tree as it is in the end.
    @Test(arguments: [11, 12, 13] as [UInt64])
    func fuzzySnapshotsBecomeExact(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let harness = TreeHarness()
        var logged: [(TxnHeader, Txn)] = []
        func write() {
            let path = Self.paths.randomElement(using: &random)!
            let data = [UInt8(truncatingIfNeeded: random.next())]
            let txn: PreparedTxn
            switch Int.random(in: 0..<4, using: &random) {
            case 0...1: txn = harness.prepareCreate(path, data: data)
            case 2: txn = harness.prepareDelete(path)
            default: txn = harness.prepareSetData(path, data)
            }
            let header = TxnHeader(
                clientID: txn.clientID, cxid: txn.cxid, zxid: Zxid(rawValue: txn.zxid), timeMillis: txn.timeMillis,
                type: txn.type)
            switch txn.type {
            case .create:
                let create = CreateTxn(
                    path: UString(path), data: data, acl: .openUnsafe, isEphemeral: false, parentCVersion: txn.value)
                logged.append((header, .create(create)))
            case .delete: logged.append((header, .delete(path: UString(path))))
            case .setData: logged.append((header, .setData(path: UString(path), data: data, version: txn.value)))
            default: logged.append((header, .error(txn.error)))
            }
            harness.apply(txn)
        }
        for _ in 0..<200 { write() }
        let zxid = harness.tree.lastProcessedZxid
        var cursor = harness.tree.beginSnapshot()
        var restored = ZnodeTree(options: harness.tree.options, bare: true)
        for (id, list) in harness.tree.acls.listsInUse.map({ ($0.id, $0.list) }) {
            restored.restoreACLList(id: id, list)
        }
        var hasMore = true
        while hasMore {
            hasMore = harness.tree.continueSnapshot(&cursor, count: 1, bytes: .max) { path, data, acl, stat in
                let isTaken = restored.restoreZnode(path: path, data: data, aclID: acl, stat: stat)
                #expect(isTaken)
            }
            for _ in 0..<5 { write() }
        }
        restored.finishRestore(zxid: zxid)
        for (header, txn) in logged where header.zxid.rawValue > zxid { restored.replay(header, txn) }
        restored.finishRecovery(lastZxid: harness.tree.lastProcessedZxid)
        let actual = (digest: restored.digest, count: restored.znodeCount)
        let expected = (digest: harness.tree.digest, count: harness.tree.znodeCount)
        #expect(actual == expected, "seed \(seed)")
    }
}
