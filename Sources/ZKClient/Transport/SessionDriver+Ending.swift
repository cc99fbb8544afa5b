internal import Logging
internal import NIOCore
internal import Synchronization
internal import ZKCore
internal import ZKWire

/// Waiting for a connection, and the end of a session.
extension SessionDriver {
    // MARK: Waiting for a connection

    /// A caller of `waitUntilConnected` or `untilUncertain`. Belongs to the loop.
    final class ConnectWaiter: @unchecked Sendable {
        var continuation: UnsafeContinuation<Result<Void, any Error>, Never>?
        var timer: Scheduled<Void>?
        var isCancelled = false
        var timeoutMillis: Int64?

        func finish(_ result: Result<Void, any Error>) {
            timer?.cancel()
            timer = nil
            continuation?.resume(returning: result)
            continuation = nil
        }
    }

    func waitUntilConnected(timeout: Duration?) async throws {
        try await withWaiter { waiter in
            self.add(waiter, timeout: timeout)
        } onCancel: { waiter in
            self.connectWaiters.removeAll { $0 === waiter }
            self.notePatience()
        }
    }

    /// The shortest time that somebody waits for a connection is divided among what may be tried.
    private func notePatience() {
        machine.patienceMillis = connectWaiters.compactMap(\.timeoutMillis).min()
        armTimer()
    }

    /// Waits until somebody finishes the waiter that is given to `add`; both closures run on the loop.
    func withWaiter(
        _ add: @escaping @Sendable (ConnectWaiter) -> Void, onCancel remove: @escaping @Sendable (ConnectWaiter) -> Void
    ) async throws {
        let waiter = ConnectWaiter()
        let result = await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                loop.execute {
                    waiter.continuation = continuation
                    if waiter.isCancelled { return waiter.finish(.failure(CancellationError())) }
                    add(waiter)
                }
            }
        } onCancel: {
            loop.execute {
                waiter.isCancelled = true
                remove(waiter)
                waiter.finish(.failure(CancellationError()))
            }
        }
        try result.get()
    }

    private func add(_ waiter: ConnectWaiter, timeout: Duration?) {
        if case .ended(let end) = machine.state { return waiter.finish(.failure(connectError(publicEnd(of: end)))) }
        if isLive { return waiter.finish(.success(())) }
        if let tlsFailure { return waiter.finish(.failure(unusableTLS(tlsFailure))) }
        connectWaiters.append(waiter)
        guard let timeout else { return }
        waiter.timeoutMillis = max(0, timeout.millis)
        notePatience()
        waiter.timer = loop.scheduleTask(in: .milliseconds(max(0, timeout.millis))) {
            self.connectWaiters.removeAll { $0 === waiter }
            self.notePatience()
            let reason = "no connection within \(timeout): \(self.failureSummary())"
            waiter.finish(
                .failure(
                    ZooKeeperError(
                        code: .connectionLoss, operation: "connect",
                        message: "cannot connect to \(self.configuration.connectString): \(reason). "
                            + "Check the address, and that a server runs there and has a quorum.")))
        }
    }

    func finishConnectWaiters(_ error: ZooKeeperError?) {
        let waiters = connectWaiters
        connectWaiters = []
        machine.patienceMillis = nil
        for waiter in waiters { waiter.finish(error.map { .failure($0) } ?? .success(())) }
    }

    private func connectError(_ end: SessionEnd) -> ZooKeeperError {
        .unanswered(
            .init(cause: .over(end), isWritten: false), operation: "connect", path: nil, isRead: true,
            requestBytes: 0)
    }

    // MARK: Closing

    /// - Parameter waits: whether the answer of the server is waited for.
    func close(waits: Bool) async {
        await withUnsafeContinuation { continuation in
            loop.execute {
                if case .ended = self.machine.state {
                    continuation.resume()
                } else {
                    self.closeWaiters.append(continuation)
                    self.beginClose(waits: waits)
                }
            }
        }
    }

    /// Nobody holds the client any more.
    func abandon() {
        loop.execute { self.beginClose(waits: true) }
    }

    private func beginClose(waits: Bool) {
        if !waits { closesWithoutWaiting = true }
        submissions.withLock { submissions in
            if submissions.refusal == nil { submissions.refusal = .over(.closed) }
        }
        handle(.close(waits: waits))
    }

    func sendCloseSession() {
        drainAll()
        let request = Request(type: .closeSession, path: nil, isRead: false, deadline: .distantFuture)
        request.stage = .written
        request.xid = submissions.withLock { $0.nextXid() }
        inFlight.append(request)
        var buffer = ByteBuffer()
        request.encodeFrame(into: &buffer)
        trace(request)
        let written = connection?.send(buffer)
        machine.sent(now: now)
        guard closesWithoutWaiting else { return }
        written?.whenComplete { _ in self.handle(.closeAnswered) }
    }

    // MARK: The end

    func end(_ end: SessionMachine.End) {
        let publicEnd = publicEnd(of: end)
        if publicEnd.event != .closed {
            logger.warning("the session is over", metadata: ["session": "\(sessionName)", "end": "\(publicEnd)"])
        }
        let cause = Request.Failure.Cause.over(publicEnd)
        // Whoever hears that a call has failed finds the state that explains it.
        let subscribers = published.withLock { $0.finish(with: publicEnd) }
        for subscriber in subscribers {
            subscriber.yield(publicEnd.event)
            subscriber.finish()
        }
        let queued = submissions.withLock { submissions in
            submissions.refusal = cause
            return submissions.takeAll()
        }
        for request in queued { request.resolve(.failure(.init(cause: cause, isWritten: false))) }
        for request in retries { request.resolve(.failure(.init(cause: cause, isWritten: true))) }
        for auth in auths { auth.waiter?.resolve(.failure(.init(cause: cause, isWritten: true))) }
        retries = []
        auths = []
        requestTimer?.cancel()
        requestTimer = nil
        endWatches(publicEnd)
        finishConnectWaiters(connectError(publicEnd))
        finishDoubtWaiters()
        for waiter in closeWaiters { waiter.resume() }
        closeWaiters = []
    }

    private func publicEnd(of end: SessionMachine.End) -> SessionEnd {
        switch end {
        case .expired: .expired
        case .replaced: .replaced
        case .givenUp(let millis): .givenUp(after: .milliseconds(millis))
        case .authFailed: .authFailed(reason: endReason)
        case .closed: mistake.map { .unusable(reason: $0) } ?? .closed
        }
    }

    private func endWatches(_ end: SessionEnd) {
        let receivers = watches.withLock { $0.removeAll() }
        let failure = Request.Failure(cause: .over(end), isWritten: false)
        func error(_ path: ZnodePath) -> ZooKeeperError {
            .unanswered(failure, operation: "watch", path: path, isRead: true, requestBytes: 0)
        }
        for cell in receivers.cells { cell.fail(error(cell.path)) }
        for sink in receivers.sinks {
            sink.finish(end == .closed ? nil : error(chroot.clientPath(sink.serverPath)))
        }
    }
}
