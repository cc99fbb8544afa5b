import Support
import Testing
import ZKClient
import ZKCore

@testable import ZKShell

@Suite(.timeLimit(.minutes(3))) struct SubtreeWalkTests {
    /// A tree that is only in memory, whose answers come late and in any order.
    private final class FakeTree: ZnodeReader {
        let children: [String: [String]]
        let forbidden: Set<String>
        let vanished: Set<String>

        init(_ children: [String: [String]], forbidden: Set<String> = [], vanished: Set<String> = []) {
            self.children = children
            self.forbidden = forbidden
            self.vanished = vanished
        }

        func exists(_ path: ZnodePath) async throws -> Stat? { Stat() }

        func getData(_ path: ZnodePath) async throws -> (data: [UInt8]?, stat: Stat) {
            (Array(path.string.utf8), Stat())
        }

        func getChildrenWithStat(_ path: ZnodePath) async throws -> (children: [String], stat: Stat) {
            (children[path.string] ?? [], Stat())
        }

        func getACL(_ path: ZnodePath) async throws -> (acl: [ACL], stat: Stat) { ([], Stat()) }

        func children(of paths: [ZnodePath]) async throws -> [Result<[String], ZooKeeperError>] {
            for _ in 0..<Int.random(in: 0...20) { await Task.yield() }
            return paths.map { path in
                if forbidden.contains(path.string) { return .failure(error(.noAuth, path)) }
                if vanished.contains(path.string) { return .failure(error(.noNode, path)) }
                return .success((children[path.string] ?? []).shuffled())
            }
        }

        func data(of paths: [ZnodePath]) async throws -> [Result<ZnodeData, ZooKeeperError>] {
            paths.map { .success(ZnodeData(data: Array($0.string.utf8), stat: Stat())) }
        }

        private func error(_ code: ErrorCode, _ path: ZnodePath) -> ZooKeeperError {
            ZooKeeperError(code: code, operation: "getChildren", path: path, message: "\(code)")
        }
    }

    private static func tree(fanOut: Int, depth: Int) -> (children: [String: [String]], order: [String]) {
        var children: [String: [String]] = [:]
        var order: [String] = []
        func grow(_ path: String, _ depth: Int) {
            order.append(path)
            guard depth > 0 else { return }
            let names = (0..<fanOut).map { "n\($0)" }.sortedAsJava()
            children[path] = names
            for name in names { grow(path == "/" ? "/" + name : path + "/" + name, depth - 1) }
        }
        grow("/", depth)
        return (children, order)
    }

    @Test(arguments: [(1, 400), (3, 8), (11, 4), (150, 2), (5000, 1), (0, 0)])
    func handsOutParentsBeforeChildrenInOrder(fanOut: Int, depth: Int) async throws {
        let (children, order) = Self.tree(fanOut: fanOut, depth: depth)
        var seen: [String] = []
        try await SubtreeWalk(root: .root).run(on: FakeTree(children)) { seen += $0.map(\.path.string) }
        #expect(seen == order)
    }

    @Test(arguments: [WalkPayload.names, .stat, .data], [0, 1, 2, 3])
    func stopsAtTheDepth(payload: WalkPayload, depth: Int) async throws {
        let (children, order) = Self.tree(fanOut: 4, depth: 4)
        var seen: [WalkedZnode] = []
        try await SubtreeWalk(root: .root, payload: payload, depthMax: depth).run(on: FakeTree(children)) { seen += $0 }
        #expect(seen.map(\.path.string) == order.filter { $0 == "/" || $0.split(separator: "/").count <= depth })
        #expect(seen.allSatisfy { ($0.znode != nil) == (payload != .names) })
        if payload == .data {
            #expect(seen.allSatisfy { $0.znode?.data == Array($0.path.string.utf8) })
        }
    }

    @Test func leavesOutWhatVanishesAndTellsWhatIsForbidden() async throws {
        let (children, _) = Self.tree(fanOut: 3, depth: 2)
        var seen: [WalkedZnode] = []
        let tree = FakeTree(children, forbidden: ["/n0"], vanished: ["/n1"])
        try await SubtreeWalk(root: .root).run(on: tree) { seen += $0 }
        #expect(seen.map(\.path.string) == ["/", "/n0", "/n2", "/n2/n0", "/n2/n1", "/n2/n2"])
        #expect(seen[1].failure?.code == .noAuth)
    }

    @Test func marksLastSiblings() async throws {
        let (children, _) = Self.tree(fanOut: 2, depth: 2)
        var last: [String] = []
        try await SubtreeWalk(root: .root).run(on: FakeTree(children)) { znodes in
            last += znodes.filter(\.isLastSibling).map(\.path.string)
        }
        #expect(last == ["/", "/n0/n1", "/n1", "/n1/n1"])
    }

    @Test func stopsWhenItsTaskIsCancelled() async throws {
        let (children, order) = Self.tree(fanOut: 20, depth: 3)
        let task = Task {
            var count = 0
            try await SubtreeWalk(root: .root).run(on: FakeTree(children)) { znodes in
                count += znodes.count
                withUnsafeCurrentTask { $0?.cancel() }
            }
            return count
        }
        await #expect(throws: CancellationError.self) {
            let count = try await task.value
            #expect(count < order.count)
        }
    }

    @Test func aMissingRootIsAnError() async throws {
        let tree = FakeTree([:], vanished: ["/"])
        await #expect(throws: ShellError.self) { try await SubtreeWalk(root: .root).run(on: tree) { _ in } }
    }
}
