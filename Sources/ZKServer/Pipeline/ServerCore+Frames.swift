import Logging
import NIOCore
import Synchronization
import ZKCore
import ZKTree
import ZKWire

/// From the bytes of a read to requests. On the event loop of the connection.
extension ServerCore {
    /// Handles the whole frames at the front of `bytes`, all under one hold of the lock.
    func handle(
        _ bytes: UnsafeRawBufferPointer, of connection: Connection, normalized: NormalizedStrings
    ) -> FrameBatch.Outcome {
        var outcome = FrameBatch.Outcome()
        guard bytes.count >= 4 else { return outcome }
        let time = BatchTime(clock)
        let isExclusive = !connection.isEstablished || FrameBatch.needsExclusiveLock(bytes)
        if isExclusive { lock.lockExclusive() } else { lock.lockShared() }
        if isExclusive { handled = connection }
        switch connection.phase {
        case .new:
            outcome.bytesHandled = handleFirst(bytes, of: connection, time: time, normalized: normalized)
        case .connecting:
            break
        case .connected:
            handleRequests(bytes, of: connection, time: time, normalized: normalized, outcome: &outcome)
        case .closing:
            refuse(bytes, of: connection)
            outcome.bytesHandled = bytes.count
        case .closed:
            outcome.bytesHandled = bytes.count
        }
        outcome.output = connection.takeOutput(core: self)
        var needsSignal = false
        if isExclusive {
            handled = nil
            outcome.dirtyLoops = dirtyLoops()
            needsSignal = log?.needsSignal() ?? false
        }
        lock.unlock()
        if needsSignal { log?.signal() }
        return outcome
    }

    /// Output of one connection after which it waits until its peer has taken that.
    private static let outputBytesPerTurn = 1 << 20

    private func handleRequests(
        _ bytes: UnsafeRawBufferPointer, of connection: Connection, time: BatchTime, normalized: NormalizedStrings,
        outcome: inout FrameBatch.Outcome
    ) {
        var offset = 0
        connection.session?.lastHeardMillis = time.millis
        connection.waitsForWrites = false
        connection.reserveOutput()
        while bytes.count - offset >= 4, connection.phase == .connected {
            let length = Int(Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self)))
            guard length >= 0, length <= configuration.frameBytesMax else {
                logger.warning(
                    "a frame has a bad length: closing the connection",
                    metadata: ["peer": "\(connection.peer.text)", "length": "\(length)"])
                close(connection)
                break
            }
            guard bytes.count - offset >= 4 + length else {
                outcome.bytesExpected = 4 + length
                break
            }
            // Small requests may have large replies: those of a whole read could fill the memory.
            guard connection.output.readableBytes < Self.outputBytesPerTurn,
                unwrittenBytes <= Self.unwrittenBytesMax || connection.writesInFlight == 0
            else {
                outcome.hasMore = true
                break
            }
            let frame = bytes.part(from: offset + 4, to: offset + 4 + length)
            handleRequest(frame, of: connection, time: time, normalized: normalized)
            if connection.waitsForWrites {
                outcome.hasMore = true
                break
            }
            connection.noteReceived(in: self)
            offset += 4 + length
        }
        if connection.closesSession { refuse(bytes.part(from: offset, to: bytes.count), of: connection) }
        outcome.bytesHandled = connection.phase == .connected ? offset : bytes.count
    }

    private static let refusedMax = 1000

    /// The requests behind the end of a session: their session has expired. Each is told so behind the reply to that.
    private func refuse(_ bytes: UnsafeRawBufferPointer, of connection: Connection) {
        var offset = 0
        while bytes.count - offset >= 12, connection.refusedXids.count < Self.refusedMax {
            let length = Int(Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self)))
            guard length >= 8, length <= bytes.count - offset - 4 else { break }
            let xid = Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset + 4, as: Int32.self))
            connection.refusedXids.append(xid)
            offset += 4 + length
        }
        // Without a log the session has ended already.
        if connection.phase == .closed { answerRefused(of: connection) }
    }

    func answerRefused(of connection: Connection) {
        for xid in connection.refusedXids {
            connection.output.writeReply(xid: xid, zxid: tree.pointee.lastProcessedZxid, err: .sessionExpired)
            connection.noteSent(in: self)
        }
        connection.refusedXids = []
    }

    /// The first bytes of a connection: a four-letter word or a connect request.
    private func handleFirst(
        _ bytes: UnsafeRawBufferPointer, of connection: Connection, time: BatchTime, normalized: NormalizedStrings
    ) -> Int {
        switch fourLetterWord(bytes, of: connection) {
        case .text(let answer):
            connection.noteReceived(in: self)
            connection.output.writeString(answer)
            close(connection)
            return bytes.count
        case .later(let command):
            connection.noteReceived(in: self)
            // Nothing else is understood any more.
            connection.phase = .closed
            answerLater(command, to: connection)
            return bytes.count
        case .incomplete:
            return 0
        case .notAWord:
            break
        }
        let length = Int(Int32(bigEndian: bytes.loadUnaligned(as: Int32.self)))
        guard length >= 0, length <= configuration.frameBytesMax else {
            close(connection)
            return bytes.count
        }
        guard bytes.count >= 4 + length else { return 0 }
        connection.noteReceived(in: self)
        var reader = JuteReader(UnsafeRawBufferPointer(rebasing: bytes[4..<4 + length]), lengthMax: lengthMax)
        do throws(JuteError) {
            let request = try ConnectRequest(from: &reader)
            connect(connection, request, time: time)
        } catch {
            close(connection)
        }
        return 4 + length
    }

    /// No more requests of the connection are handled, and it is closed once its output is sent.
    func close(_ connection: Connection) {
        connection.phase = .closed
        connection.closesAfterOutput = true
        connection.deferred.removeAll()
    }

    /// Closes a connection that asks for more than can be kept for it.
    func cutOff(_ connection: Connection) {
        logger.warning(
            "closing a connection that asks for too much at once",
            metadata: ["peer": "\(connection.peer.text)", "bytes": "\(connection.output.readableBytes)"])
        connection.output = ByteBuffer()
        close(connection)
    }

    /// Keeps count of what the peers have not taken. Beyond the limit for all of them, who has left most unread goes.
    /// Without the lock.
    func noteUnread(_ bytes: Int, of connection: Connection) {
        let before = connection.unreadBytes.exchange(bytes, ordering: .relaxed)
        if bytes == before { return }
        let total = unreadBytes.add(bytes - before, ordering: .relaxed).newValue
        guard total > configuration.unreadReplyBytesAllMax else { return }
        lock.withExclusive {
            // Also of those that are closed once their output is taken, such as a long four-letter answer.
            let open = openConnections.values.filter { !$0.isCutOff }
            guard let worst = open.max(by: { $0.untaken < $1.untaken }), worst.untaken > 0 else { return }
            logger.warning(
                "closing the connection that leaves most unread, since all together leave too much",
                metadata: ["peer": "\(worst.peer.text)", "bytes": "\(worst.untaken)"])
            worst.isCutOff = true
            worst.output = ByteBuffer()
            close(worst)
            markDirty(worst)
        }
        flushDirty()
    }

    /// The longest string or buffer in a request: `jute.maxbuffer` and its extra size.
    var lengthMax: Int {
        configuration.frameBytesMax + max(configuration.lengthBytesExtra ?? configuration.frameBytesMax, 1024)
    }

    private func handleRequest(
        _ frame: UnsafeRawBufferPointer, of connection: Connection, time: BatchTime, normalized: NormalizedStrings
    ) {
        guard frame.count >= 8 else {
            close(connection)
            return
        }
        let xid = Int32(bigEndian: frame.loadUnaligned(as: Int32.self))
        let type = OpCode(rawValue: Int32(bigEndian: frame.loadUnaligned(fromByteOffset: 4, as: Int32.self)))
        let request = ServerRequest(
            xid: xid, type: type, body: frame.part(from: 8, to: frame.count), startedNanos: time.nanos)
        if demandsProof, refusesUnproved(type, xid: xid, connection) { return }
        if makesFaults, breaks(request, of: connection, time: time, normalized: normalized) { return }
        handle(request, frame: frame, of: connection, time: time, normalized: normalized)
    }

    /// Whether a fault was made of the request: the connection is closed with nothing more sent.
    private func breaks(
        _ request: ServerRequest, of connection: Connection, time: BatchTime, normalized: NormalizedStrings
    ) -> Bool {
        let fate = loops[connection.loopIndex].dice?.roll() ?? .handled
        if fate == .handled { return false }
        if fate == .replyLost { handle(request, frame: nil, of: connection, time: time, normalized: normalized) }
        connection.output = ByteBuffer()
        close(connection)
        return true
    }

    /// - Parameter frame: nil when a read need not wait for the writes before it, as its reply will be lost.
    private func handle(
        _ request: ServerRequest, frame: UnsafeRawBufferPointer?, of connection: Connection, time: BatchTime,
        normalized: NormalizedStrings
    ) {
        let xid = request.xid
        switch request.type {
        case .getData, .exists, .getChildren, .getChildren2, .ping, .getACL, .getAllChildrenNumber, .getEphemerals,
            .multiRead, .whoAmI, .sync, .setWatches, .setWatches2, .addWatch, .checkWatches, .removeWatches:
            if connection.writesInFlight > 0, let frame {
                guard deferRequest(request, frame: frame, of: connection) else { return }
            } else {
                answer(request, of: connection, time: time, normalized: normalized)
            }
        case .create, .create2, .createContainer, .createTTL, .delete, .deleteContainer, .setData, .setACL, .multi,
            .reconfig, .createSession, .closeSession:
            guard unwrittenBytes <= Self.unwrittenBytesMax else { return waitForLog(connection) }
            prepare(request, of: connection, time: time, normalized: normalized)
        case .auth:
            authenticate(request, connection)
        case .sasl:
            answerSASL(request, connection)
        default:
            connection.output.writeReply(xid: xid, zxid: -1, err: .unimplemented)
            connection.noteSent(in: self)
            close(connection)
        }
    }
}

/// A request whose header was read.
struct ServerRequest {
    var xid: Int32
    var type: OpCode
    var body: UnsafeRawBufferPointer
    var startedNanos: UInt64
}
