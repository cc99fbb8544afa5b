import Logging
import NIOCore
import ZKCore
import ZKTree
import ZKWire

/// Connections come and go, sessions are made, taken over and expire.
extension ServerCore {
    // MARK: Connections

    func connectionOpened(_ connection: Connection) {
        lock.withExclusive { openConnections[ObjectIdentifier(connection)] = connection }
    }

    /// Forgets a connection and its watches. Its session lives on.
    func connectionClosed(_ connection: Connection) {
        lock.withExclusive {
            openConnections[ObjectIdentifier(connection)] = nil
            if let count = connectionsByAddress[connection.address] {
                connectionsByAddress[connection.address] = count > 1 ? count - 1 : nil
            }
            connection.isGone = true
            connection.phase = .closed
            connection.deferred.removeAll()
            waitingForLog[ObjectIdentifier(connection)] = nil
            detach(connection)
        }
    }

    /// Takes session and watches away from a connection.
    private func detach(_ connection: Connection) {
        guard let id = connection.id else { return }
        connection.session?.orphanedWrites += connection.writesInFlight
        connection.id = nil
        connections[id] = nil
        tree.pointee.watches.removeWatcher(id)
        if connection.session?.owner == id { connection.session?.owner = nil }
    }

    /// Cuts everybody off, with nothing more sent: after a failure of the disk.
    func closeAllConnections() {
        lock.withExclusive {
            for connection in openConnections.values {
                connection.output.clear()
                close(connection)
                markDirty(connection)
            }
        }
        flushDirty()
    }

    /// Requests that come from now on are not handled; those in the pipeline are answered.
    func stopTakingRequests() {
        lock.withExclusive {
            for connection in openConnections.values { connection.phase = .closed }
        }
    }

    // MARK: Connecting

    /// Source: `ZooKeeperServer.processConnectRequest`.
    func connect(_ connection: Connection, _ request: ConnectRequest, time: BatchTime) {
        connection.hasReadOnlyByte = request.readOnly != nil
        connectionRequests += 1
        guard request.lastZxidSeen.rawValue <= tree.pointee.lastProcessedZxid else {
            logger.info(
                "refusing a client that has seen a later zxid",
                metadata: [
                    "peer": "\(connection.peer.text)", "seen": "\(request.lastZxidSeen)",
                    "last": "\(Zxid(rawValue: tree.pointee.lastProcessedZxid))",
                ])
            close(connection)
            return
        }
        let range = configuration.sessionTimeoutMillisRange
        let timeout = Int64(min(max(Int(request.timeoutMillis), range.lowerBound), range.upperBound))
        if request.sessionID == 0 {
            let session = sessions.open(sessions.makeID(), timeoutMillis: timeout, nowMillis: time.millis)
            attach(connection, to: session)
            connection.phase = .connecting
            let context = RequestContext(
                sessionID: session.id, cxid: 0, timeMillis: time.wallMillis, requester: connection.requester)
            submit(
                PendingRequest(
                    txn: tree.pointee.prepareCreateSession(
                        timeoutMillis: Int32(truncatingIfNeeded: timeout), context),
                    connection: connection, requestType: .createSession, startedNanos: time.nanos))
        } else {
            reattach(connection, request, timeoutMillis: timeout, time: time)
        }
    }

    /// The password is looked at before anything else: a stranger who knows an ID does not disturb its owner.
    private func reattach(
        _ connection: Connection, _ request: ConnectRequest, timeoutMillis: Int64, time: BatchTime
    ) {
        guard SessionPassword.isCorrect(request.password, for: request.sessionID),
            let session = sessions.session(request.sessionID), !session.isClosing
        else {
            writeConnectResponse(connection, timeoutMillis: 0, sessionID: 0, password: [UInt8](repeating: 0, count: 16))
            close(connection)
            return
        }
        if let owner = session.owner, let old = connections[owner], old !== connection {
            detach(old)
            close(old)
            markDirty(old)
        }
        sessions.open(session.id, timeoutMillis: timeoutMillis, nowMillis: time.millis)
        sessionsResumed += 1
        attach(connection, to: session)
        connection.phase = .connecting
        // What the session asked for over its last connection is done before what it asks for over this one.
        if session.orphanedWrites == 0 { finishConnect(connection, sessionID: session.id) }
    }

    /// A write was applied whose connection has lost its session, or is gone.
    func orphanedWriteIsApplied(_ session: Session) {
        session.orphanedWrites -= 1
        guard session.orphanedWrites == 0, let owner = session.owner, let connection = connections[owner],
            connection.phase == .connecting
        else { return }
        finishConnect(connection, sessionID: session.id)
        markDirty(connection)
    }

    private func attach(_ connection: Connection, to session: Session) {
        let id = tree.pointee.watches.addWatcher(connection.requester)
        connection.id = id
        connection.session = session
        connection.timeoutMillis = session.timeoutMillis
        connections[id] = connection
        session.owner = id
    }

    /// The session is there: answers the connect request, and lets the requests behind it through.
    func finishConnect(_ connection: Connection, sessionID: Int64) {
        writeConnectResponse(
            connection, timeoutMillis: Int32(truncatingIfNeeded: connection.timeoutMillis), sessionID: sessionID,
            password: SessionPassword.make(for: sessionID))
        if connection.phase == .connecting {
            connection.phase = .connected
            connection.resumesReading = true
        }
    }

    private func writeConnectResponse(
        _ connection: Connection, timeoutMillis: Int32, sessionID: Int64, password: [UInt8]
    ) {
        let response = ConnectResponse(
            timeoutMillis: timeoutMillis, sessionID: sessionID, password: password,
            readOnly: connection.hasReadOnlyByte ? false : nil)
        connection.output.writeInteger(Int32(connection.hasReadOnlyByte ? 37 : 36))
        response.encode(into: &connection.output)
    }

    // MARK: The end of sessions

    /// Closes the sessions whose time is over.
    func expireSessions() {
        lock.lockExclusive()
        let time = BatchTime(clock)
        for session in sessions.expire(nowMillis: time.millis) {
            logger.info("expiring a session", metadata: ["session": "0x\(String(session.id, radix: 16))"])
            sessions.startClosing(session.id)
            sessionsExpired += 1
            let context = RequestContext(
                sessionID: session.id, cxid: 0, timeMillis: time.wallMillis, requester: Requester())
            submit(
                PendingRequest(
                    txn: tree.pointee.prepareCloseSession(context), connection: nil, requestType: .closeSession,
                    startedNanos: time.nanos))
        }
        let dirty = dirtyLoops()
        let needsSignal = log?.needsSignal() ?? false
        lock.unlock()
        if needsSignal { log?.signal() }
        for loop in dirty { loop.schedule(self) }
    }

    /// A closeSession was applied. Whoever holds the session without having asked for this is cut off.
    func sessionIsClosed(_ id: Int64) {
        let owner = sessions.session(id)?.owner
        sessions.remove(id)
        if let owner, let connection = connections[owner] {
            close(connection)
            markDirty(connection)
        }
    }

    // MARK: Authentication

    private static let identitiesMax = 256
    private static let identityBytesMax = 64 << 10

    /// Answered at once, before requests that are in the pipeline, as Apache does.
    func authenticate(_ request: ServerRequest, _ connection: Connection) {
        var reader = JuteReader(request.body, lengthMax: lengthMax)
        let identities: [ACLIdentity]?
        do throws(JuteError) {
            _ = try reader.readInt32()
            let scheme = try reader.readOptionalString()
            let credentials = try reader.readBuffer()
            identities = scheme.flatMap {
                authenticator.identities(scheme: $0, credentials: credentials, address: connection.address)
            }
        } catch {
            close(connection)
            return
        }
        defer { connection.noteSent(in: self) }
        // Each is looked at in each check, and nobody is so many.
        guard let identities, connection.requester.identities.count < Self.identitiesMax,
            connection.requester.identityBytes + identities.reduce(0, { $0 + $1.id.bytes.count })
                <= Self.identityBytesMax
        else {
            authenticationsFailed += 1
            connection.output.writeReply(xid: request.xid, zxid: 0, err: .authFailed)
            close(connection)
            return
        }
        for identity in identities { connection.requester.add(identity) }
        connection.output.writeReply(xid: request.xid, zxid: 0, err: .ok)
    }
}
