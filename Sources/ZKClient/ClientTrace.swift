public import ZKCore

/// Hears of each frame of a client, without its data and without credentials.
///
/// The closure runs on the client's event loop: it must be quick, and must not wait for the client.
public struct ClientTrace: Sendable {
    public struct Frame: Sendable, Hashable {
        public enum Direction: Sendable, Hashable {
            case sent
            case received
        }

        public var direction: Direction
        public var server: String
        public var xid: Int32
        /// `connect`, `ping`, `auth`, `notification` and so on, or the name of a request.
        public var operation: String
        /// As the server sees it: the chroot is in it.
        public var path: String?
        /// The whole frame, its length field included. 0 when it was sent as part of a batch.
        public var bytes: Int
        /// Of a reply or a notification.
        public var zxid: Zxid?
        public var error: ErrorCode?
    }

    public var onFrame: @Sendable (Frame) -> Void

    public init(onFrame: @escaping @Sendable (Frame) -> Void) {
        self.onFrame = onFrame
    }
}
