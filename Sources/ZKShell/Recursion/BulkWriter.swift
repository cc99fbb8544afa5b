internal import ZKClient
internal import ZKCore

/// Sends many changes in multis, several of which are on their way at a time, in the order in which they were added.
///
/// A multi that fails changed nothing. Since those behind it may have failed only because of it, all that failed are
/// repeated op by op when nothing is on its way any more, so that each op fails for a reason of its own. Ops that were
/// added together are in one multi even then.
struct BulkWriter: ~Copyable {
    /// What to do about an op that failed by itself; of several that were added together, the first.
    typealias Recovery = @Sendable (MultiOp, ZooKeeperError) async throws -> Void

    private let client: ZooKeeperClient
    private let opsMax: Int
    private let requestsMax: Int
    private let recover: Recovery
    private var batch = Batch()
    private var inFlight: [Task<ZooKeeperError?, any Error>] = []
    private var sent: [Batch] = []
    private(set) var doneCount = 0

    /// Half of the longest request that a server takes by default.
    static let requestBytesMax = 500_000

    /// - Parameter recover: called for each op that fails by itself; when it throws, the writer does.
    init(client: ZooKeeperClient, opsMax: Int = 500, requestsMax: Int = 6, recover: @escaping Recovery) {
        self.client = client
        self.opsMax = max(1, opsMax)
        self.requestsMax = max(1, requestsMax)
        self.recover = recover
    }

    deinit {
        for task in inFlight { task.cancel() }
    }

    /// What one request changes.
    private struct Batch: Sendable {
        var ops: [MultiOp] = []
        /// Where ops begin that are done with those before them or not at all.
        var starts: [Int] = []
        var bytes = 0
    }

    /// Adds a change, and sends some when there are enough.
    mutating func add(_ op: MultiOp) async throws {
        try await add(together: [op])
    }

    /// Adds changes that are made together or not at all.
    mutating func add(together ops: [MultiOp]) async throws {
        if ops.isEmpty { return }
        let bytes = ops.reduce(0) { $0 + $1.requestBytes }
        if !batch.ops.isEmpty, batch.ops.count + ops.count > opsMax || batch.bytes + bytes > Self.requestBytesMax {
            try await send()
        }
        batch.starts.append(batch.ops.count)
        batch.ops += ops
        batch.bytes += bytes
    }

    /// Sends what is left and waits until all is done.
    mutating func finish() async throws {
        if !batch.ops.isEmpty { try await send() }
        while !inFlight.isEmpty { try await settleOldest() }
    }

    private mutating func send() async throws {
        try Task.checkCancellation()
        while inFlight.count >= requestsMax { try await settleOldest() }
        let (ops, client) = (batch.ops, client)
        sent.append(batch)
        batch = Batch()
        // Immediate: the request takes its place in the queue now.
        inFlight.append(Task.immediate { try await Self.failure(of: ops, on: client) })
    }

    /// Why the multi failed because of one of its ops; nil when it was done.
    private static func failure(of batch: [MultiOp], on client: ZooKeeperClient) async throws -> ZooKeeperError? {
        do {
            _ = try await client.multi(batch)
            return nil
        } catch let error as ZooKeeperError where !error.isOutcomeUnknown && ExitCode(error.code) != .connection {
            return error
        }
    }

    private mutating func settleOldest() async throws {
        let task = inFlight.removeFirst()
        let batch = sent.removeFirst()
        guard try await value(of: task) != nil else {
            doneCount += batch.ops.count
            return
        }
        var failed = [batch]
        while !inFlight.isEmpty {
            let next = inFlight.removeFirst()
            let batch = sent.removeFirst()
            if try await value(of: next) == nil { doneCount += batch.ops.count } else { failed.append(batch) }
        }
        for batch in failed { try await repeatOneByOne(batch) }
    }

    private func value(of task: Task<ZooKeeperError?, any Error>) async throws -> ZooKeeperError? {
        try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
    }

    private mutating func repeatOneByOne(_ batch: Batch) async throws {
        for (start, end) in zip(batch.starts, batch.starts.dropFirst() + [batch.ops.count]) {
            let op = batch.ops[start]
            do {
                if end == start + 1 {
                    try await client.perform(op)
                } else {
                    _ = try await client.multi(Array(batch.ops[start..<end]))
                }
                doneCount += end - start
            } catch let error as ZooKeeperError where !error.isOutcomeUnknown && ExitCode(error.code) != .connection {
                try await recover(op, error)
            }
        }
    }
}

extension MultiOp {
    /// About as many bytes as the op takes in a request.
    var requestBytes: Int {
        let fixed = 64 + path.string.utf8.count
        return switch self {
        case .create(_, let data, mode: _, let acl, ttl: _):
            fixed + (data?.count ?? 0)
                + acl.reduce(0) { $0 + 16 + $1.identity.scheme.bytes.count + $1.identity.id.bytes.count }
        case .setData(_, let data, version: _): fixed + (data?.count ?? 0)
        case .delete, .check: fixed
        }
    }
}

extension ZooKeeperClient {
    /// Makes one change by itself. A check is a multi of its own: there is no request for it.
    @discardableResult
    func perform(_ op: MultiOp) async throws -> MultiResult {
        switch op {
        case .create(let path, let data, let mode, let acl, let ttl):
            return .create(path: try await create(path, data: data, mode: mode, acl: acl, ttl: ttl), stat: nil)
        case .delete(let path, let version):
            try await delete(path, version: version)
            return .delete
        case .setData(let path, let data, let version):
            return .setData(try await setData(path, data: data, version: version))
        case .check:
            _ = try await multi([op])
            return .check
        }
    }
}
