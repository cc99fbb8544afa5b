internal import Logging
internal import NIOCore
internal import Synchronization
internal import ZKCore
internal import ZKWire

/// What comes from the server.
extension SessionDriver {
    func received(_ frame: ByteBuffer) {
        guard isLive || authentication != nil else {
            receivedHandshake(frame)
            return
        }
        var body = frame
        guard let xid = body.readInteger(as: Int32.self), let rawZxid = body.readInteger(as: Int64.self),
            let rawError = body.readInteger(as: Int32.self)
        else {
            handle(.connectionLost(reason: "the server sent a frame of \(frame.readableBytes) bytes without a header"))
            return
        }
        let header = ReplyHeader(xid: xid, zxid: Zxid(rawValue: rawZxid), err: ErrorCode(rawValue: rawError))
        switch xid {
        case XID.notification: receivedNotification(header, body, bytes: frame.readableBytes + 4)
        case XID.ping:
            answeredSentAt = pingsInFlight.popFirst() ?? answeredSentAt
            hasReply = true
            trace(.received, "ping", xid: xid, bytes: frame.readableBytes + 4, zxid: header.zxid, error: header.err)
        case XID.auth: receivedAuth(header, bytes: frame.readableBytes + 4)
        case XID.setWatches: receivedSetWatches(header, bytes: frame.readableBytes + 4)
        default:
            if authentication != nil, receivedToken(header, body, bytes: frame.readableBytes + 4) { return }
            receivedReply(header, body, bytes: frame.readableBytes + 4)
        }
    }

    private func receivedHandshake(_ frame: ByteBuffer) {
        var buffer = frame
        trace(.received, "connect", xid: 0, bytes: frame.readableBytes + 4)
        do throws(JuteError) {
            let response = try ConnectResponse(decoding: &buffer)
            // Nothing else may pass for one: a timeout of 0 is the end of the session.
            if response.isWellFormed, buffer.readableBytes == 0 { return handle(.handshake(response)) }
            handle(.connectionLost(reason: Self.refusal(frame) ?? Self.noHandshake))
        } catch {
            handle(.connectionLost(reason: Self.refusal(frame) ?? "\(Self.noHandshake) (\(error))"))
        }
    }

    private static let noHandshake = "the answer to the connect request is not ZooKeeper's"

    /// What a server says that answers the connect request with an error: a read-only one does so when it makes no local
    /// sessions.
    private static func refusal(_ frame: ByteBuffer) -> String? {
        var buffer = frame
        guard frame.readableBytes == 16, let header = try? ReplyHeader(decoding: &buffer), header.err != .ok else {
            return nil
        }
        guard header.err == .notReadOnly else { return "the server refuses new sessions (\(header.err))" }
        return "the server is read-only and makes no sessions; localSessionsEnabled=true in its configuration lets it"
    }

    private func receivedReply(_ header: ReplyHeader, _ body: ByteBuffer, bytes: Int) {
        guard let request = inFlight.first, request.xid == header.xid else {
            let expected = inFlight.first.map { "\($0.xid)" } ?? "none"
            handle(.connectionLost(reason: "the server answered xid \(header.xid), expected was \(expected)"))
            return
        }
        inFlight.removeFirst()
        answeredSentAt = request.sentAt
        hasReply = true
        answeredCount += 1
        sawZxid(header.zxid)
        if configuration.trace != nil {
            trace(
                .received, request.type.description, xid: header.xid, bytes: bytes, path: request.path?.string,
                zxid: header.zxid, error: header.err)
        }
        if let watch = request.watch, let path = request.path {
            answered(watch, of: request, path: path, error: header.err)
        }
        if request.type == .multiRead, header.err == .unimplemented {
            lacksMultiRead.store(true, ordering: .relaxed)
        }
        request.resolve(.reply(header, body: body))
        if request.type == .closeSession { handle(.closeAnswered) }
    }

    private func answered(_ watch: WatchRegistration, of request: Request, path: ZnodePath, error: ErrorCode) {
        forgetPendingAddWatch(request)
        if case .removal(let type) = watch {
            if error == .ok { removed(type, at: path) }
        } else if request.stage == .written {
            watches.withLock { $0.register(watch, path: path, error: error) }
        } else if case .persistent(let sink) = watch, error == .ok {
            // The call was given up meanwhile: nobody hears of this watch.
            disarm(sink.addWatchKey)
        }
    }

    /// A reply that is too long fails its own request; those beside it notice nothing. Returns whether it is one.
    func receivedTooLong(_ start: ByteBuffer, bytes: Int) -> Bool {
        var start = start
        guard let header = try? ReplyHeader(decoding: &start), let request = inFlight.first, request.xid == header.xid
        else { return false }
        inFlight.removeFirst()
        answeredSentAt = request.sentAt
        hasReply = true
        answeredCount += 1
        sawZxid(header.zxid)
        trace(
            .received, request.type.description, xid: header.xid, bytes: bytes + 4, path: request.path?.string,
            zxid: header.zxid, error: header.err)
        if let watch = request.watch, let path = request.path {
            answered(watch, of: request, path: path, error: header.err)
        }
        request.resolve(
            .failure(
                .init(cause: .replyTooLong(bytes: bytes, bytesMax: configuration.frameBytesMax), isWritten: true)))
        return true
    }

    private func receivedAuth(_ header: ReplyHeader, bytes: Int) {
        trace(.received, "auth", xid: header.xid, bytes: bytes, zxid: header.zxid, error: header.err)
        hasReply = true
        guard let index = authsInFlight.popFirst() else { return }
        let waiter = auths[index].waiter
        auths[index].waiter = nil
        if let waiter {
            answeredCount += 1
            waiter.resolve(.reply(header, body: ByteBuffer()))
        }
        if header.err != .ok {
            logger.warning("the server refuses credentials", metadata: ["scheme": "\(auths[index].info.scheme)"])
            handle(.authRejected)
        }
    }

    private func receivedSetWatches(_ header: ReplyHeader, bytes: Int) {
        trace(.received, "setWatches", xid: header.xid, bytes: bytes, zxid: header.zxid, error: header.err)
        hasReply = true
        guard header.err == .ok else {
            // The watches are not armed, whatever the reason: who waits for one would sleep for ever.
            handle(.connectionLost(reason: "the server does not arm the watches again (\(header.err))"))
            return
        }
        guard rearmingCount > 0 else { return }
        rearmingCount -= 1
        guard rearmingCount == 0 else { return }
        // Not before: the next connection has to arm what this one has not, from the same zxid on.
        sawZxid(header.zxid)
        for sink in rearmedSinks { sink.push(.resumed) }
        rearmedSinks = []
    }

    private func receivedNotification(_ header: ReplyHeader, _ body: ByteBuffer, bytes: Int) {
        var body = body
        let record: WatcherEvent
        do throws(JuteError) {
            record = try WatcherEvent(decoding: &body)
        } catch {
            handle(.connectionLost(reason: "a notification is not ZooKeeper's: \(error)"))
            return
        }
        let path = ZnodePath(unchecked: record.path.string)
        let type = EventType(rawValue: record.type)
        trace(
            .received, "notification \(type)", xid: header.xid, bytes: bytes, path: path.string, zxid: header.zxid,
            error: header.err)
        let receivers = watches.withLock { $0.receivers(of: type, at: path) }
        deliver(
            WatchEvent(
                type: type, state: KeeperState(rawValue: record.state), path: chroot.clientPath(path),
                zxid: header.zxid.rawValue > 0 ? header.zxid : nil, ordinal: receivers.ordinal),
            to: receivers)
    }

    func deliver(_ event: WatchEvent, to receivers: WatchTable.Receivers) {
        for sink in receivers.sinks { sink.push(.event(event)) }
        for cell in receivers.cells { cell.fire(event) }
    }
}

extension ConnectResponse {
    /// Whether the fields are such as ZooKeeper sends.
    fileprivate var isWellFormed: Bool { protocolVersion == 0 && timeoutMillis >= 0 && password?.count == 16 }
}
