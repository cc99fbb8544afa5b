internal import ZKClient
internal import ZKCore

extension ZnodeReader {
    /// Children and stat of several znodes, in the order of `paths`. The requests are on their way at the same time.
    func childrenWithStats(
        of paths: [ZnodePath]
    ) async throws -> [Result<(children: [String], stat: Stat), ZooKeeperError>] {
        try await each(of: paths) { try await self.getChildrenWithStat($0) }
    }

    /// The ACLs of several znodes, likewise.
    func acls(of paths: [ZnodePath]) async throws -> [Result<(acl: [ACL], stat: Stat), ZooKeeperError>] {
        try await each(of: paths) { try await self.getACL($0) }
    }

    func each<Value: Sendable>(
        of paths: [ZnodePath], _ read: @escaping @Sendable (ZnodePath) async throws -> Value
    ) async throws -> [Result<Value, ZooKeeperError>] {
        try await withThrowingTaskGroup(of: (Int, Result<Value, ZooKeeperError>).self) { group in
            for (index, path) in paths.enumerated() {
                group.addImmediateTask {
                    do {
                        return (index, .success(try await read(path)))
                    } catch let error as ZooKeeperError where error.isOfZnode {
                        return (index, .failure(error))
                    }
                }
            }
            var results = [Result<Value, ZooKeeperError>?](repeating: nil, count: paths.count)
            for try await (index, result) in group { results[index] = result }
            return results.compactMap { $0 }
        }
    }
}
