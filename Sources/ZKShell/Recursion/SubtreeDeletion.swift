internal import Synchronization
internal import ZKClient
internal import ZKCore

/// Deletes a subtree, children before their parents, in multis of which several are on their way.
struct SubtreeDeletion {
    var root: ZnodePath
    var keepsRoot = false
    /// Deletes in a multi; fewer when the paths are long.
    var batchSize = 1000

    init(root: ZnodePath, keepsRoot: Bool = false, batchSize: Int = 1000) {
        self.root = root
        self.keepsRoot = keepsRoot
        self.batchSize = batchSize
    }

    /// The znodes to delete, parents before their children. The server's own are left out.
    func znodes(on reader: any ZnodeReader, in shell: ShellContext) async throws -> [ZnodePath] {
        var walk = SubtreeWalk(root: root)
        walk.leaveOutSystemZnodes()
        var paths: [ZnodePath] = []
        let progress = WorkProgress("listing \(root)", in: shell)
        defer { progress.finish() }
        try await walk.run(on: reader) { znodes in
            paths.append(contentsOf: znodes.lazy.map(\.path))
            progress.advance(by: znodes.count)
        }
        if keepsRoot || root.isRoot { paths.removeFirst() }
        return paths
    }

    /// Deletes `paths`, which ``znodes(on:in:)`` has listed. One that is gone already is as good as deleted.
    ///
    /// - Returns: how many were deleted.
    /// - Throws: ``ShellError`` 9 when some could not be deleted.
    @discardableResult
    func delete(_ paths: [ZnodePath], on client: ZooKeeperClient, in shell: ShellContext) async throws -> Int {
        let progress = WorkProgress("deleting \(root)", total: paths.count, in: shell)
        defer { progress.finish() }
        let failures = Mutex(FailureTally())
        var writer = BulkWriter(client: client, opsMax: batchSize) { _, error in
            if error.code != .noNode { failures.withLock { $0.note(error, in: shell) } }
        }
        do {
            for path in paths.reversed() {
                try await writer.add(.delete(path))
                progress.advance(by: 1)
            }
            try await writer.finish()
        } catch let error as ZooKeeperError where writer.doneCount > 0 {
            throw ShellError(
                .partialFailure,
                "\(root): stopped after \(writer.doneCount) of \(paths.count) znodes: \(ShellError(error).message)",
                code: error.code, path: root)
        }
        try failures.withLock { $0 }.finish(of: paths.count)
        return writer.doneCount
    }
}
