internal import ZKClient
internal import ZKCore

/// Gets that follow one another in a script, as one multiRead.
final class SharedReads: Sendable {
    /// Together they stay below the default limit of a reply, even when each has the largest data that a server takes.
    static let countMax = 32

    private let request: SharedRequest<ZnodePath, ZnodeData>

    init(client: ZooKeeperClient) {
        request = SharedRequest(together: client.data(of:)) { path in
            let (data, stat) = try await client.getData(path)
            return ZnodeData(data: data, stat: stat)
        }
    }

    func getData(_ path: ZnodePath) async throws -> (data: [UInt8]?, stat: Stat) {
        let answer = try await request.answer(to: path)
        return (answer.data, answer.stat)
    }

    func send() async {
        await request.send()
    }
}
