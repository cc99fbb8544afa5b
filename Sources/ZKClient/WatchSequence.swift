public import ZKCore

/// The events of a persistent watch, in the order of the changes.
///
/// The sequence holds up to ``bufferedMax`` events that nobody has read; then it drops them, and one
/// ``WatchNotification/resumed`` stands for them. It ends when the watch is removed or the client closed, and throws
/// when the session expires. Letting go of the sequence and its iterators removes the watch on the server; as long as
/// they are held the client lives, unless it is closed. When several tasks iterate, each event goes to one of them.
public struct WatchSequence: AsyncSequence, Sendable {
    public typealias Element = WatchNotification

    public static let bufferedMax = 65_536

    private let handle: Handle
    public let path: ZnodePath
    public let mode: AddWatchMode

    init(sink: WatchSink, client: ZooKeeperClient, path: ZnodePath) {
        handle = Handle(sink: sink, client: client)
        self.path = path
        mode = sink.mode
    }

    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(handle: handle)
    }

    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let handle: Handle

        /// - Throws: ``ZooKeeperError`` with `.sessionExpired` or `.authFailed`. A cancelled task gets nil.
        public mutating func next() async throws -> WatchNotification? {
            try await handle.sink.next()
        }
    }

    /// Lives as long as anybody can read events.
    fileprivate final class Handle: Sendable {
        let sink: WatchSink
        let client: ZooKeeperClient

        init(sink: WatchSink, client: ZooKeeperClient) {
            self.sink = sink
            self.client = client
        }

        deinit {
            sink.abandon()
            client.driver.forget(sink)
        }
    }
}
