internal import Logging
internal import NIOCore
internal import NIOPosix
internal import Synchronization
internal import ZKCore
internal import ZKWire

/// Events of the machine and what follows from them.
extension SessionDriver {
    /// An effect may cause the next event (a write that fails at once): that waits until all effects are carried out.
    func handle(_ event: SessionMachine.Event) {
        pendingEvents.append(event)
        guard !isHandlingEvent else { return }
        isHandlingEvent = true
        while !pendingEvents.isEmpty {
            for effect in machine.handle(pendingEvents.removeFirst(), now: now) { apply(effect) }
        }
        isHandlingEvent = false
        armTimer()
    }

    private func apply(_ effect: SessionMachine.Effect) {
        switch effect {
        case .connect(let host): connect(to: host)
        case .sendConnectRequest(let request): send(request)
        case .authenticate: authenticate()
        case .established(let isReadOnly, let isNewSession):
            goLive(isReadOnly: isReadOnly, isNewSession: isNewSession)
        case .sendPing: sendPing()
        case .doubt: finishDoubtWaiters()
        case .probe(let host): probe(host)
        case .sendCloseSession: sendCloseSession()
        case .drop(let reason): drop(reason: reason)
        case .end(let end): self.end(end)
        }
    }

    /// The timer is not moved when the deadline moves back, which it does with every frame: a tick that comes early
    /// finds nothing to do.
    func armTimer() {
        guard let deadline = machine.nextDeadline else {
            timer?.scheduled.cancel()
            timer = nil
            return
        }
        if let timer, timer.at <= deadline { return }
        timer?.scheduled.cancel()
        // One more, since `now` is rounded down.
        let scheduled = loop.scheduleTask(in: .milliseconds(max(1, deadline - now + 1))) {
            self.timer = nil
            self.handle(.tick)
        }
        timer = (at: deadline, scheduled: scheduled)
    }

    // MARK: Opening

    private func connect(to host: Int) {
        attempt += 1
        failureIsLasting = false
        currentHost = host
        machine.addressCount = 1
        noteStep(.connect)
        let attempt = self.attempt
        let name = configuration.connectString.hosts[host]
        logger.debug("connecting", metadata: ["server": "\(name)"])
        do throws(ConnectFailure) {
            try prepareTLS()
        } catch {
            tlsFailure = error
            finishConnectWaiters(unusableTLS(error))
            loop.execute { self.connectionFailed(error.reason, attempt: attempt) }
            return
        }
        AddressResolver.addresses(of: name, on: loop).whenComplete { result in
            switch result {
            case .success(let addresses):
                self.connect(to: addresses, attempt: attempt)
            case .failure(let error):
                self.failureIsLasting = ConnectFailure.isLasting(error)
                self.connectionFailed(ConnectFailure.describe(error), attempt: attempt)
            }
        }
    }

    private func connect(to addresses: [SocketAddress], attempt: Int) {
        guard attempt == self.attempt else { return }
        guard !addresses.isEmpty else {
            let name = configuration.connectString.hosts[currentHost].name
            return connectionFailed("\(name) has no address", attempt: attempt)
        }
        machine.addressCount = addresses.count
        armTimer()
        // What has connected and said nothing comes last.
        let unusable = addresses.filter(unusableAddresses.contains)
        let ordered = addresses.filter { !unusable.contains($0) } + unusable
        AddressRace.run(ordered, on: loop) { self.open($0) }.whenComplete { result in
            switch result {
            case .success(let (channel, address)): self.connected(channel, address, attempt: attempt)
            case .failure(let error): self.connectionFailed(ConnectFailure.describe(error), attempt: attempt)
            }
        }
    }

    private func open(_ address: SocketAddress) -> EventLoopFuture<any Channel> {
        let host = currentHost
        return ClientBootstrap(group: loop)
            .connectTimeout(.milliseconds(machine.connectTimeoutMillis))
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    // Handed to us before the handshake is done: what is written waits for it.
                    if let handler = try self.tls?.handler(for: self.configuration.connectString.hosts[host]) {
                        try channel.pipeline.syncOperations.addHandler(handler)
                    }
                    try channel.pipeline.syncOperations.addHandler(
                        ConnectionHandler(frameBytesMax: self.configuration.frameBytesMax, delegate: self))
                }
            }
            .connect(to: address)
    }

    private func connected(_ channel: any Channel, _ address: SocketAddress, attempt: Int) {
        guard attempt == self.attempt,
            let handler = try? channel.pipeline.syncOperations.handler(type: ConnectionHandler.self)
        else {
            channel.close(promise: nil)
            return
        }
        connection = handler
        currentAddress = address
        noteStep(.handshake)
        handle(.connected)
    }

    private func connectionFailed(_ reason: String, attempt: Int) {
        guard attempt == self.attempt else { return }
        handle(.connectionLost(reason: reason))
    }

    /// On behalf of the user.
    func giveUpConnection() {
        guard isLive else { return }
        handle(.connectionLost(reason: "given up to connect again"))
    }

    private func prepareTLS() throws(ConnectFailure) {
        guard tls == nil, let options = configuration.tls ?? (configuration.connectString.usesTLS ? TLSOptions() : nil)
        else { return }
        tls = try TLSConnector(options)
    }

    func unusableTLS(_ failure: ConnectFailure) -> ZooKeeperError {
        ZooKeeperError(
            code: .badArguments, operation: "connect",
            message: "cannot connect to \(configuration.connectString): \(failure.reason).")
    }

    // MARK: Handshake

    private func send(_ request: ConnectRequest) {
        var buffer = ByteBuffer()
        Frame.write(to: &buffer) { request.encode(into: &$0) }
        trace(.sent, "connect", xid: 0, bytes: buffer.readableBytes)
        connection?.send(buffer)
    }

    /// Auth, then the watches, then reads that were cut off, then what is queued: all in the order of their calls.
    func goLive(isReadOnly: Bool, isNewSession: Bool) {
        isLive = true
        unusableAddresses.removeAll()
        noteStep(nil)
        noteCertainty(isReadOnly: isReadOnly)
        let info = SessionInfo(
            id: machine.sessionID, password: machine.password, timeout: .milliseconds(machine.timeoutMillis),
            server: hostName(currentHost), lastZxid: machine.lastZxid)
        logger.debug(
            "connected",
            metadata: [
                "server": "\(hostName(currentHost))", "session": "\(sessionName)", "new": "\(isNewSession)",
            ])
        var buffer = ByteBuffer()
        writeAuths(to: &buffer)
        writeRearming(to: &buffer)
        for request in retries where request.stage == .written {
            request.encodeFrame(into: &buffer)
            request.sentAt = now
            inFlight.append(request)
            trace(request)
        }
        answeredCount += retries.count { $0.stage != .written }
        retries = []
        deadRetryCount = 0
        if buffer.readableBytes > 0 {
            connection?.send(buffer)
            machine.sent(now: now)
        }
        releaseAnswered()
        drain()
        publish(isReadOnly ? .connectedReadOnly : .connected, info: info)
        finishConnectWaiters(nil)
    }

    private func publish(_ state: SessionState, info: SessionInfo) {
        let event = state == .connected ? SessionEvent.connected(info) : .connectedReadOnly(info)
        let subscribers = published.withLock { published in
            published.session = info
            published.failures[currentHost] = nil
            published.isLasting[currentHost] = false
            return published.change(to: state, event)
        }
        subscribers.yield(event)
    }

    private func writeAuths(to buffer: inout ByteBuffer) {
        authsInFlight.removeAll()
        for (index, auth) in auths.enumerated() {
            let start = buffer.writerIndex
            Frame.write(to: &buffer) {
                RequestHeader(xid: XID.auth, type: .auth).encode(into: &$0)
                AuthPacket(type: 0, scheme: UString(auth.info.scheme), auth: auth.info.credentials).encode(into: &$0)
            }
            authsInFlight.append(index)
            trace(.sent, "auth", xid: XID.auth, bytes: buffer.writerIndex - start)
        }
    }

    private func writeRearming(to buffer: inout ByteBuffer) {
        let (batches, sinks) = watches.withLock { watches in
            (watches.rearming(relativeZxid: machine.lastZxid), watches.sinks)
        }
        for batch in batches {
            let start = buffer.writerIndex
            let older = batch.asSetWatches
            let type: OpCode = older == nil ? .setWatches2 : .setWatches
            Frame.write(to: &buffer) {
                RequestHeader(xid: XID.setWatches, type: type).encode(into: &$0)
                if let older { older.encode(into: &$0) } else { batch.encode(into: &$0) }
            }
            trace(.sent, type.description, xid: XID.setWatches, bytes: buffer.writerIndex - start)
        }
        rearmingCount = batches.count
        rearmedSinks = sinks
    }

    /// A request of addAuth has been written: from now on its credentials belong to every connection.
    func sentAuth(_ request: Request) {
        guard let request = request as? AuthRequest else { return }
        authsInFlight.append(auths.count)
        auths.append(AuthEntry(info: request.info, waiter: request))
    }

    private func sendPing() {
        var buffer = ByteBuffer()
        Frame.write(to: &buffer) { RequestHeader(xid: XID.ping, type: .ping).encode(into: &$0) }
        trace(.sent, "ping", xid: XID.ping, bytes: buffer.readableBytes)
        connection?.send(buffer)
        pingsInFlight.append(now)
    }

    private func probe(_ host: Int) {
        let name = configuration.connectString.hosts[host]
        ReadWriteProbe.run(name, tls: tls, on: loop).whenSuccess { isReadWrite in
            if isReadWrite { self.handle(.readWriteServerFound(host: host)) }
        }
    }

    // MARK: Loss

    private func drop(reason: String) {
        let wasLive = isLive
        attempt += 1
        if !wasLive, let currentAddress {
            if unusableAddresses.count >= Self.unusableAddressesMax { unusableAddresses.removeAll() }
            unusableAddresses.insert(currentAddress)
        }
        currentAddress = nil
        noteStep(nil)
        isLive = false
        authentication = nil
        if closesWithoutWaiting { connection?.finishSending() } else { connection?.drop() }
        connection = nil
        authsInFlight.removeAll()
        pingsInFlight.removeAll()
        answeredSentAt = nil
        hasReply = false
        certainMillis.store(0, ordering: .releasing)
        finishDoubtWaiters()
        rearmingCount = 0
        rearmedSinks = []
        logger.debug(
            "disconnected",
            metadata: ["server": "\(hostName(currentHost))", "session": "\(sessionName)", "reason": "\(reason)"])
        let subscribers = published.withLock { published -> [AsyncStream<SessionEvent>.Continuation] in
            published.failures[currentHost] = reason
            published.isLasting[currentHost] = failureIsLasting
            published.session.server = nil
            guard wasLive, !published.state.isOver else { return [] }
            return published.change(to: .connecting, .disconnected(reason: reason))
        }
        subscribers.yield(.disconnected(reason: reason))
        failureIsLasting = false
        loseRequests(reason: reason)
    }

    /// Reads in flight will be sent again. Writes fail: whether they were done is not known.
    private func loseRequests(reason: String) {
        var kept: [Request] = []
        for request in inFlight {
            if request.type == .multiRead, lacksMultiRead.load(ordering: .relaxed) {
                // Sent again, it would cost the next connection too.
                answeredCount += 1
                request.resolve(
                    .reply(ReplyHeader(xid: request.xid, zxid: .zero, err: .unimplemented), body: ByteBuffer()))
            } else if request.stage == .written, request.isRead, request.retries < Request.retriesMax {
                request.retries += 1
                kept.append(request)
            } else {
                answeredCount += 1
                forgetPendingAddWatch(request)
                request.resolve(.failure(.init(cause: .connectionLost(reason: reason), isWritten: true)))
            }
        }
        inFlight.removeAll(keepingCapacity: true)
        retries = kept + retries
        releaseAnswered()
    }

    /// Tells the submissions how many requests are answered or given up, so that others move up.
    func releaseAnswered() {
        guard answeredCount > 0 else { return }
        let count = answeredCount
        answeredCount = 0
        submissions.withLock { $0.release(count) }
    }

    /// `127.0.0.1:2181: connection refused; 127.0.0.1:2182: no answer to the connect request in 10000 ms`.
    func failureSummary() -> String {
        zip(configuration.connectString.hosts, troubles)
            .map { "\($0): \($1 ?? "not tried yet")" }
            .joined(separator: "; ")
    }

    /// By the host, also what has been waited for since, where there was no failure yet. From any thread.
    var troubles: [String?] {
        let (failures, trying) = published.withLock { ($0.failures, $0.trying) }
        guard let trying, failures[trying.host] == nil else { return failures }
        var result = failures
        result[trying.host] = trying.step.waitedFor(now - trying.since)
        return result
    }

    /// - Parameter step: what the current host is being asked for; nil for nothing.
    func noteStep(_ step: ConnectStep?) {
        let trying = step.map { (host: currentHost, step: $0, since: now) }
        published.withLock { $0.trying = trying }
    }
}

extension SessionDriver: ConnectionDelegate {
    func connectionReceived(_ frame: ByteBuffer, from connection: ConnectionHandler) {
        guard connection === self.connection else { return }
        received(frame)
    }

    func connectionExpectsReplies(_ connection: ConnectionHandler) -> Bool {
        connection === self.connection && isLive && !inFlight.isEmpty
    }

    func connectionReceived(tooLong bytes: Int, start: ByteBuffer, from connection: ConnectionHandler) -> Bool {
        connection === self.connection && receivedTooLong(start, bytes: bytes)
    }

    func connectionFinishedReading(_ connection: ConnectionHandler) {
        guard connection === self.connection else { return }
        noteAnswers(from: connection)
        releaseAnswered()
        drain()
    }

    func connectionBecameWritable(_ connection: ConnectionHandler) {
        guard connection === self.connection else { return }
        drain()
    }

    func connectionLost(_ connection: ConnectionHandler, reason: String, isLasting: Bool) {
        guard connection === self.connection else { return }
        failureIsLasting = isLasting
        var reason = reason
        if !isLive, reason == ConnectionHandler.closedByServer {
            reason += " before it answered: it may have no quorum, or be behind what this session has seen"
            reason += tls == nil ? "" : ", or not speak TLS"
        }
        handle(.connectionLost(reason: reason))
    }
}
