internal import Glibc
internal import Synchronization
internal import ZKClient
internal import ZKCore
internal import ZKSystem

/// Asks the server, or what is read in its place, for names while somebody types: the answer comes within a deadline or not at all, and is kept for a
/// moment. Called on the main thread only.
final class ZnodeNames {
    static let deadline = Duration.milliseconds(300)
    static let lifetime = Duration.seconds(2)
    /// How many lists are kept.
    private static let cachedMax = 64

    /// Nil when there is nobody to ask. Called in a task: it may take its time.
    private let reader: @Sendable () -> (any ZnodeReader)?
    private let clock = ContinuousClock()
    private var cache: [ZnodePath: (names: [String], time: ContinuousClock.Instant)] = [:]

    init(reader: @escaping @Sendable () -> (any ZnodeReader)?) {
        self.reader = reader
    }

    func children(of path: ZnodePath) -> [String]? {
        if let cached = cache[path], clock.now - cached.time < Self.lifetime { return cached.names }
        let reader = reader
        guard let names = Self.wait({ try await reader()?.getChildren(path) }) ?? nil else { return nil }
        if cache.count >= Self.cachedMax { cache.removeAll() }
        cache[path] = (names, clock.now)
        return names
    }

    func hasChildren(_ path: ZnodePath) -> Bool? {
        let reader = reader
        return Self.wait { try await reader()?.exists(path).map { $0.numChildren > 0 } ?? false }
    }

    /// Forgets all, since a command may have changed something.
    func forget() {
        cache.removeAll()
    }

    /// Blocks this thread until `body` is done or the deadline is over.
    private static func wait<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) -> Value? {
        let box = Box<Value>()
        let task = Task {
            let value = try? await body()
            box.finish(value)
        }
        let value = box.wait(for: deadline)
        if value == nil { task.cancel() }
        return value
    }

    /// Hands a value from a task to a thread that waits for it.
    private final class Box<Value: Sendable>: Sendable {
        private let value = Mutex<Value?>(nil)
        private let ends = Pipe()

        deinit {
            guard let ends else { return }
            close(ends.reading)
            close(ends.writing)
        }

        func finish(_ result: Value?) {
            value.withLock { $0 = result }
            guard let ends else { return }
            var byte: UInt8 = 1
            _ = write(ends.writing, &byte, 1)
        }

        func wait(for limit: Duration) -> Value? {
            var descriptor = pollfd(fd: ends?.reading ?? -1, events: Int16(POLLIN), revents: 0)
            let millis = Int32(limit / .milliseconds(1))
            while poll(&descriptor, 1, millis) < 0, errno == EINTR {}
            return value.withLock { $0 }
        }
    }
}
