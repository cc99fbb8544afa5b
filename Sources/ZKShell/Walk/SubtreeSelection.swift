internal import ZKClient
internal import ZKCore

/// The znodes of a subtree that a command is about: all, or those with a name and an age.
struct SubtreeSelection: Sendable {
    let root: ZnodePath
    let keepsRoot: Bool
    let pattern: GlobPattern?
    let olderThan: Duration?

    private static let system = ZnodePath(unchecked: "/zookeeper")
    private static let batchCount = 1000

    private var isWhole: Bool { pattern == nil && olderThan == nil }

    /// How many znodes there are, as exactly as one question can tell.
    func estimate(on client: ZooKeeperClient) async throws -> Int {
        guard isWhole, !root.isRoot else { return try await count(on: client) }
        do {
            return try await client.getAllChildrenNumber(root) + (keepsRoot ? 0 : 1)
        } catch let error as ZooKeeperError where error.code == .unimplemented {
            return try await count(on: client)
        }
    }

    func count(on client: ZooKeeperClient) async throws -> Int {
        var count = 0
        try await forEach(on: client) { count += $0.count }
        return count
    }

    /// Calls `body` with the selected paths, some at a time, children before their parents.
    func forEach(on client: ZooKeeperClient, _ body: ([ZnodePath]) async throws -> Void) async throws {
        let walk = TreeWalk(
            root: root, on: client, order: .childrenFirst, skipping: root.isRoot ? [Self.system] : [])
        var batch: [ZnodePath] = []
        try await walk.forEach { entry in
            if entry.depth == 0 && keepsRoot { return }
            guard isNamed(entry.path) else { return }
            batch.append(entry.path)
            guard batch.count >= Self.batchCount else { return }
            try await body(try await old(batch, on: client))
            batch.removeAll(keepingCapacity: true)
        }
        if !batch.isEmpty { try await body(try await old(batch, on: client)) }
    }

    /// Whether the znode, or one above it in the subtree, has a selected name.
    private func isNamed(_ path: ZnodePath) -> Bool {
        guard let pattern else { return true }
        return path.components.dropFirst(root.components.count).contains { pattern.matches(String($0)) }
    }

    private func old(_ paths: [ZnodePath], on client: ZooKeeperClient) async throws -> [ZnodePath] {
        guard let olderThan else { return paths }
        let limit = Timestamp.nowMillis() - olderThan.milliseconds
        var result: [ZnodePath] = []
        try await Batches.stats(of: paths, on: client) { index, stat in
            if let stat, stat.mtimeMillis < limit { result.append(paths[index]) }
        }
        return result
    }
}
