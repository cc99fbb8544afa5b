public import ZKCore

/// A call has failed. Printed, it says what failed, on which znode, why, and what to do.
public struct ZooKeeperError: Error, Sendable, Hashable {
    public let code: ErrorCode
    /// The name of the request, such as `create`.
    public let operation: String
    /// Relative to the chroot.
    public let path: ZnodePath?
    public let message: String
    /// Whether the change may have happened all the same: the request was sent, its reply did not come.
    public let isOutcomeUnknown: Bool
    /// Whether there was a reply, which is longer than ``ClientConfiguration/frameBytesMax``: ask for less, or raise that.
    public let isReplyTooLong: Bool

    public init(
        code: ErrorCode, operation: String, path: ZnodePath? = nil, message: String, isOutcomeUnknown: Bool = false,
        isReplyTooLong: Bool = false
    ) {
        self.code = code
        self.operation = operation
        self.path = path
        self.message = message
        self.isOutcomeUnknown = isOutcomeUnknown
        self.isReplyTooLong = isReplyTooLong
    }
}

extension ZooKeeperError: CustomStringConvertible {
    public var description: String { message }
}

extension ZooKeeperError {
    /// Whether a read has failed because of its znode, and others may succeed.
    public var isOfZnode: Bool { code == .noNode || code == .noAuth || isReplyTooLong }
}
