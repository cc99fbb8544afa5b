internal import ZKClient
internal import ZKCore

/// Writes that follow one another in a script, as one multi.
///
/// A multi that fails has changed nothing: then each write is made by itself. The writes of a multi have one zxid.
final class SharedWrites: Sendable {
    static let countMax = 256
    /// Far below the longest request that a server takes, even one that is set to take less.
    static let bytesMax = 64 << 10
    /// Where writes are sent ahead, fewer are not worth that the commands behind them have to wait.
    static let countMinAhead = 8

    private let request: SharedRequest<MultiOp, MultiResult>

    /// - Parameter inTurn: whether, after a failure, each write waits for the one before it, and the first that fails is
    ///   the last that is made.
    init(client: ZooKeeperClient, inTurn: Bool) {
        request = SharedRequest(
            inTurn: inTurn,
            together: { ops in
                do {
                    return try await client.multi(ops).map { .success($0) }
                } catch let error as ZooKeeperError where error.isOutcomeUnknown {
                    // None of them may be sent again.
                    return ops.map { .failure(error.of($0.path)) }
                }
            }, alone: client.perform)
    }

    func perform(_ op: MultiOp) async throws -> MultiResult {
        try await request.answer(to: op)
    }

    func send() async {
        await request.send()
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
