internal import Synchronization
internal import ZKCore

/// Where the event of a one-shot watch is kept until somebody asks for it.
final class WatchCell: Sendable {
    private enum State {
        /// With those that wait.
        case armed([Int: UnsafeContinuation<Result<WatchEvent, any Error>, Never>])
        case fired(WatchEvent)
        case failed(ZooKeeperError)
        case abandoned
    }

    private struct Contents {
        var state = State.armed([:])
        var nextWaiter = 0
    }

    let serverPath: ZnodePath
    let path: ZnodePath
    let kind: ArmedWatch.Kind
    /// Called on the loop.
    private let onEvent: (@Sendable (WatchEvent) -> Void)?
    private let contents = Mutex(Contents())

    init(
        serverPath: ZnodePath, path: ZnodePath, kind: ArmedWatch.Kind, onEvent: (@Sendable (WatchEvent) -> Void)? = nil
    ) {
        self.onEvent = onEvent
        self.serverPath = serverPath
        self.path = path
        self.kind = kind
    }

    var isAbandoned: Bool {
        contents.withLock { if case .abandoned = $0.state { true } else { false } }
    }

    /// Returns whether the watch was still armed.
    func abandon() -> Bool {
        contents.withLock { contents in
            guard case .armed = contents.state else { return false }
            contents.state = .abandoned
            return true
        }
    }

    func fire(_ event: WatchEvent) {
        if !isAbandoned { onEvent?(event) }
        finish(.fired(event), .success(event))
    }

    func fail(_ error: ZooKeeperError) {
        finish(.failed(error), .failure(error))
    }

    private func finish(_ state: State, _ result: Result<WatchEvent, any Error>) {
        let waiters = contents.withLock { contents in
            guard case .armed(let waiters) = contents.state else {
                return [:] as [Int: UnsafeContinuation<Result<WatchEvent, any Error>, Never>]
            }
            contents.state = state
            return waiters
        }
        for waiter in waiters.values { waiter.resume(returning: result) }
    }

    func event() async throws -> WatchEvent {
        let waiter = contents.withLock { contents in
            contents.nextWaiter += 1
            return contents.nextWaiter
        }
        let result = await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                let result = contents.withLock { contents -> Result<WatchEvent, any Error>? in
                    switch contents.state {
                    case .fired(let event): return .success(event)
                    case .failed(let error): return .failure(error)
                    case .abandoned: return .failure(CancellationError())
                    case .armed(var waiters):
                        if Task.isCancelled { return .failure(CancellationError()) }
                        waiters[waiter] = continuation
                        contents.state = .armed(waiters)
                        return nil
                    }
                }
                if let result { continuation.resume(returning: result) }
            }
        } onCancel: {
            let continuation = contents.withLock { contents in
                guard case .armed(var waiters) = contents.state else {
                    return nil as UnsafeContinuation<Result<WatchEvent, any Error>, Never>?
                }
                let continuation = waiters.removeValue(forKey: waiter)
                contents.state = .armed(waiters)
                return continuation
            }
            continuation?.resume(returning: .failure(CancellationError()))
        }
        return try result.get()
    }
}
