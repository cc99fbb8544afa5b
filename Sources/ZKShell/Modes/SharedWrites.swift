internal import ZKClient
internal import ZKCore

/// Writes that follow one another in a script, as one multi.
///
/// A multi that fails has changed nothing: then each write is made by itself.
final class SharedWrites: Sendable {
    static let countMax = 256
    /// A quarter of the longest request that a server takes by default.
    static let bytesMax = 256 << 10
    /// Fewer are not worth that the commands behind them have to wait.
    static let countMin = 8

    private let client: ZooKeeperClient
    private let request = SharedRequest<MultiOp, MultiResult>()

    init(client: ZooKeeperClient) {
        self.client = client
    }

    func perform(_ op: MultiOp) async throws -> MultiResult {
        try await request.answer(to: op)
    }

    func send() async {
        await request.send(together: { ops in
            do {
                return try await client.multi(ops).map { .success($0) }
            } catch let error as ZooKeeperError where error.isOutcomeUnknown {
                // None of them may be sent again.
                return ops.map { .failure(error.of($0.path)) }
            }
        }) { [client] op in
            try await client.perform(op)
        }
    }
}

extension ZooKeeperError {
    /// The same error of a part of the request.
    fileprivate func of(_ path: ZnodePath) -> ZooKeeperError {
        let subject = "\(self.operation): "
        return ZooKeeperError(
            code: code, operation: operation, path: path,
            message: message.hasPrefix(subject) ? String(message.dropFirst(subject.count)) : message,
            isOutcomeUnknown: isOutcomeUnknown)
    }
}
