public import ZKClient
public import ZKCore

/// Several znodes are read by one multiRead, which saves most of the cost of a request for each.
extension ZooKeeperClient: ZnodeReader {
    public func children(of paths: [ZnodePath]) async throws -> [Result<[String], ZooKeeperError>] {
        if paths.count == 1 { return [try await asResult { try await self.getChildren(paths[0]) }] }
        return try await multiRead(paths.map { .getChildren($0) }).map { answer in
            answer.map { if case .children(let names) = $0 { names } else { [] } }
        }
    }

    public func data(of paths: [ZnodePath]) async throws -> [Result<ZnodeData, ZooKeeperError>] {
        if paths.count == 1 {
            return [
                try await asResult {
                    let (data, stat) = try await self.getData(paths[0])
                    return ZnodeData(data: data, stat: stat)
                }
            ]
        }
        return try await multiRead(paths.map { .getData($0) }).map { answer in
            answer.map {
                if case .data(let data, let stat) = $0 {
                    ZnodeData(data: data, stat: stat)
                } else {
                    ZnodeData(data: nil, stat: Stat())
                }
            }
        }
    }

    /// Errors of the znode itself become part of the result, those of the connection are thrown.
    private func asResult<Value>(_ body: () async throws -> Value) async throws -> Result<Value, ZooKeeperError> {
        do {
            return .success(try await body())
        } catch let error as ZooKeeperError where error.code == .noNode || error.code == .noAuth {
            return .failure(error)
        }
    }
}
