public import ZKClient
public import ZKCore

extension ZooKeeperClient: ZnodeReader {
    public var answerBytesMax: Int { configuration.frameBytesMax }

    public func children(of paths: [ZnodePath]) async throws -> [Result<[String], ZooKeeperError>] {
        try await readEach(paths.map { .getChildren($0) }).map { answer in
            answer.map { if case .children(let names) = $0 { names } else { [] } }
        }
    }

    public func data(of paths: [ZnodePath]) async throws -> [Result<ZnodeData, ZooKeeperError>] {
        try await readEach(paths.map { .getData($0) }).map { answer in
            answer.map {
                if case .data(let data, let stat) = $0 {
                    ZnodeData(data: data, stat: stat)
                } else {
                    ZnodeData(data: nil, stat: Stat())
                }
            }
        }
    }
}
