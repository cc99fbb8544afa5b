internal import Synchronization
internal import ZKClient
internal import ZKCore

/// Gets that follow one another in a script: the server is asked for all of them at once, by one multiRead.
///
/// A server deals with requests of one connection one by one, so that a request costs more than what it asks for.
final class SharedReads: ZnodeReader {
    /// Together they stay below the default limit of a reply, even when each has the largest data that a server takes.
    static let countMax = 32

    private struct Waiter {
        var path: ZnodePath
        var continuation: CheckedContinuation<ZnodeData, any Error>
    }

    let client: ZooKeeperClient
    private let waiters = Mutex<[Waiter]>([])

    init(client: ZooKeeperClient) {
        self.client = client
    }

    var count: Int { waiters.withLock { $0.count } }

    /// Waits until ``send()`` has got the data.
    func getData(_ path: ZnodePath) async throws -> (data: [UInt8]?, stat: Stat) {
        let answer = try await withCheckedThrowingContinuation { continuation in
            waiters.withLock { $0.append(Waiter(path: path, continuation: continuation)) }
        }
        return (answer.data, answer.stat)
    }

    /// Asks for everything that is waited for. Must be called once after the last call of ``getData(_:)``.
    func send() async {
        let waiters = waiters.withLock { waiters in
            defer { waiters = [] }
            return waiters
        }
        do {
            let answers = try await client.data(of: waiters.map(\.path))
            for (waiter, answer) in zip(waiters, answers) { waiter.continuation.resume(with: answer) }
        } catch {
            // The server has no multiRead, or something is wrong that each has to hear of in its own words.
            await withDiscardingTaskGroup { group in
                for waiter in waiters {
                    group.addImmediateTask { [client] in
                        do {
                            let (data, stat) = try await client.getData(waiter.path)
                            waiter.continuation.resume(returning: ZnodeData(data: data, stat: stat))
                        } catch {
                            waiter.continuation.resume(throwing: error)
                        }
                    }
                }
            }
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
