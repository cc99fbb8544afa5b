internal import ZKClient
internal import ZKCore

/// Gets that follow one another in a script, as one multiRead.
final class SharedReads: ZnodeReader {
    /// Together they stay below the default limit of a reply, even when each has the largest data that a server takes.
    static let countMax = 32

    private let client: ZooKeeperClient
    private let request = SharedRequest<ZnodePath, ZnodeData>()

    init(client: ZooKeeperClient) {
        self.client = client
    }

    func getData(_ path: ZnodePath) async throws -> (data: [UInt8]?, stat: Stat) {
        let answer = try await request.answer(to: path)
        return (answer.data, answer.stat)
    }

    func send() async {
        await request.send(together: client.data(of:)) { [client] path in
            let (data, stat) = try await client.getData(path)
            return ZnodeData(data: data, stat: stat)
        }
    }

    // MARK: Reads that cannot be shared

    func exists(_ path: ZnodePath) async throws -> Stat? { try await client.exists(path) }

    func getChildrenWithStat(_ path: ZnodePath) async throws -> (children: [String], stat: Stat) {
        try await client.getChildrenWithStat(path)
    }

    func getACL(_ path: ZnodePath) async throws -> (acl: [ACL], stat: Stat) { try await client.getACL(path) }

    func children(of paths: [ZnodePath]) async throws -> [Result<[String], ZooKeeperError>] {
        try await client.children(of: paths)
    }

    func data(of paths: [ZnodePath]) async throws -> [Result<ZnodeData, ZooKeeperError>] {
        try await client.data(of: paths)
    }
}
