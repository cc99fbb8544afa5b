internal import NIOCore
internal import Synchronization
internal import ZKCore

/// The buffer between a persistent watch and the sequence that reads it.
final class WatchSink: Sendable {
    typealias Element = Result<WatchNotification?, any Error>

    fileprivate struct Contents {
        var elements = CircularBuffer<WatchNotification>()
        /// Nil while the watch is armed; then what comes behind the elements.
        var end: Element?
        var isAbandoned = false
        var waiters: [Int: UnsafeContinuation<Element, Never>] = [:]
        /// The order of those that wait.
        var waiting = CircularBuffer<Int>()
        var nextWaiter = 0
    }

    let serverPath: ZnodePath
    let mode: AddWatchMode
    private let elementsMax: Int
    /// Called on the loop.
    private let onNotification: (@Sendable (WatchNotification) -> Void)?
    private let contents = Mutex(Contents())

    init(
        serverPath: ZnodePath, mode: AddWatchMode, elementsMax: Int,
        onNotification: (@Sendable (WatchNotification) -> Void)? = nil
    ) {
        self.onNotification = onNotification
        self.serverPath = serverPath
        self.mode = mode
        self.elementsMax = elementsMax
    }

    var isAbandoned: Bool { contents.withLock { $0.isAbandoned } }

    func abandon() {
        contents.withLock { contents in
            contents.isAbandoned = true
            contents.elements.removeAll()
        }
    }

    /// When the buffer is full its events are dropped and one `resumed` stands for them.
    func push(_ notification: WatchNotification) {
        if let onNotification, !isAbandoned { onNotification(notification) }
        let waiter = contents.withLock { contents -> UnsafeContinuation<Element, Never>? in
            guard contents.end == nil, !contents.isAbandoned else { return nil }
            if let waiter = contents.nextWaiting() { return waiter }
            if contents.elements.count < elementsMax {
                contents.elements.append(notification)
            } else {
                contents.elements.removeAll(keepingCapacity: true)
                contents.elements.append(.resumed)
            }
            return nil
        }
        waiter?.resume(returning: .success(notification))
    }

    /// Ends the sequence behind what is buffered, with an error if there is one.
    func finish(_ error: ZooKeeperError?) {
        let end: Element = error.map { .failure($0) } ?? .success(nil)
        let waiters = contents.withLock { contents -> [UnsafeContinuation<Element, Never>] in
            guard contents.end == nil else { return [] }
            // An error is given once.
            contents.end = contents.waiters.isEmpty ? end : .success(nil)
            defer { contents.waiters = [:] }
            return Array(contents.waiters.values)
        }
        for waiter in waiters { waiter.resume(returning: end) }
    }

    /// Nil at the end, and when the task is cancelled.
    func next() async throws -> WatchNotification? {
        let id = contents.withLock { contents in
            contents.nextWaiter += 1
            return contents.nextWaiter
        }
        let element = await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                let element = contents.withLock { contents -> Element? in
                    if !contents.elements.isEmpty { return .success(contents.elements.removeFirst()) }
                    if let end = contents.end {
                        contents.end = .success(nil)
                        return end
                    }
                    if Task.isCancelled { return .success(nil) }
                    contents.waiters[id] = continuation
                    contents.waiting.append(id)
                    return nil
                }
                if let element { continuation.resume(returning: element) }
            }
        } onCancel: {
            let continuation = contents.withLock { $0.waiters.removeValue(forKey: id) }
            continuation?.resume(returning: .success(nil))
        }
        return try element.get()
    }
}

extension WatchSink.Contents {
    /// Those that were cancelled have left their ID in the queue.
    fileprivate mutating func nextWaiting() -> UnsafeContinuation<WatchSink.Element, Never>? {
        while let id = waiting.popFirst() {
            if let waiter = waiters.removeValue(forKey: id) { return waiter }
        }
        return nil
    }
}
