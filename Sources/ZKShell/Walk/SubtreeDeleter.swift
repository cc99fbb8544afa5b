internal import ZKClient
internal import ZKCore

/// Deletes znodes in multis. What cannot be deleted is reported and left out, and so are its ancestors.
struct SubtreeDeleter {
    private let client: ZooKeeperClient
    private let batchSize: Int
    private let progress: Progress
    private let report: (ZooKeeperError) -> Void
    private var pending: [ZnodePath] = []
    /// Ancestors of znodes that are left: they cannot be deleted.
    private var blocked: Set<ZnodePath> = []

    private(set) var deletedCount = 0
    private(set) var failedCount = 0

    /// - Parameter batchSize: znodes in a multi; 0 or 1 for one request each.
    init(
        client: ZooKeeperClient, batchSize: Int, progress: Progress, report: @escaping (ZooKeeperError) -> Void
    ) {
        self.client = client
        self.batchSize = max(1, batchSize)
        self.progress = progress
        self.report = report
    }

    /// - Parameter paths: children before their parents, in this and over all calls.
    mutating func delete(_ paths: [ZnodePath]) async throws {
        pending += paths
        while pending.count >= batchSize {
            let batch = Array(pending.prefix(batchSize))
            pending.removeFirst(batchSize)
            try await deleteBatch(batch)
        }
    }

    mutating func finish() async throws {
        let batch = pending
        pending = []
        if !batch.isEmpty { try await deleteBatch(batch) }
    }

    private mutating func deleteBatch(_ batch: [ZnodePath]) async throws {
        var left = withoutBlocked(batch)
        while !left.isEmpty {
            if left.count == 1 { return try await deleteOne(left[0]) }
            let results = try await client.multiResults(left.map { .delete($0) })
            guard let failed = results.firstIndex(where: \.isOwnFailure) else {
                deletedCount += left.count
                progress.add(left.count)
                return
            }
            // A multi is all or nothing. Those before the failed one are tried again without it.
            if case .failure(let error) = results[failed] { note(error, for: left[failed]) }
            left.remove(at: failed)
            left = withoutBlocked(left)
        }
    }

    private mutating func deleteOne(_ path: ZnodePath) async throws {
        do {
            try await client.delete(path)
            deletedCount += 1
            progress.add()
        } catch let error as ZooKeeperError where !error.concernsConnection {
            note(error, for: path)
        }
    }

    private mutating func note(_ error: ZooKeeperError, for path: ZnodePath) {
        // Somebody else has deleted it: that is what was wanted.
        if error.code == .noNode { return }
        report(error)
        failedCount += 1
        var ancestor = path.parent
        while let path = ancestor, blocked.insert(path).inserted { ancestor = path.parent }
    }

    private mutating func withoutBlocked(_ paths: [ZnodePath]) -> [ZnodePath] {
        if blocked.isEmpty { return paths }
        let left = paths.filter { !blocked.contains($0) }
        failedCount += paths.count - left.count
        return left
    }
}

extension Result where Failure == ZooKeeperError {
    /// Whether this op made its multi fail; the others of a failed multi say `.ok` or `.runtimeInconsistency`.
    fileprivate var isOwnFailure: Bool {
        guard case .failure(let error) = self else { return false }
        return error.code != .runtimeInconsistency && error.code != .ok
    }
}

extension ZooKeeperError {
    /// Whether every further request would fail as well.
    var concernsConnection: Bool {
        [.connectionLoss, .sessionExpired, .operationTimeout, .requestTimeout, .authFailed, .sessionMoved].contains(
            code)
    }
}
