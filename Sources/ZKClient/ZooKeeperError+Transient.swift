public import ZKCore

extension ErrorCode {
    /// Whether the same request may succeed later in the same session, so that it may be made again after a pause (see
    /// ``RetryPause``): the connection was lost or the server did not answer, is overloaded, has no quorum, or does not
    /// serve the session any more.
    ///
    /// After a write, ask ``ZooKeeperError/isOutcomeUnknown`` first: it may be done already.
    public var isTransient: Bool {
        switch self {
        case .connectionLoss, .operationTimeout, .requestTimeout, .sessionMoved, .throttledOp, .notReadOnly: true
        default: false
        }
    }
}

extension ZooKeeperError {
    /// Whether the same call may succeed later in the same session: see `ErrorCode.isTransient`.
    public var isTransient: Bool { code.isTransient }
}
