import NIOCore
import ZKCore
import ZKTree
import ZKWire

/// Applies txns whose records are synced, and answers them. Under the exclusive lock.
extension ServerCore {
    func apply(_ pending: PendingRequest, nowNanos: UInt64) {
        outstanding -= 1
        noteWritten(pending.txn)
        var results: ByteBuffer?
        if pending.txn.type == .multi, pending.connection != nil {
            var written = ByteBuffer()
            tree.pointee.apply(pending.txn) { tree, part in writeResult(of: part, tree, to: &written) }
            results = written
        } else {
            tree.pointee.apply(pending.txn)
        }
        if let digest = pending.txn.digest, pending.txn.zxid & 127 == 0 {
            digestHistory.append((pending.txn.zxid, UInt64(bitPattern: digest)))
            if digestHistory.count > 1024 { digestHistory.removeFirst() }
        }
        sendFiredEvents()
        if pending.txn.type == .closeSession { sessionIsClosed(pending.txn.clientID) }
        guard let connection = pending.connection else { return }
        connection.noteApplied()
        if connection.id == nil, let session = connection.session { orphanedWriteIsApplied(session) }
        guard !connection.isGone else { return }
        connection.reserveOutput()
        let start = connection.output.writerIndex
        reply(to: pending, connection, results: results)
        connection.noteAnswer(
            pending.requestType, xid: pending.txn.cxid, zxid: tree.pointee.lastProcessedZxid,
            bytes: connection.output.writerIndex - start - 4, startedNanos: pending.startedNanos, nowNanos: nowNanos,
            in: self)
        if pending.txn.type == .closeSession, connection.session?.id == pending.txn.clientID {
            answerRefused(of: connection)
            close(connection)
        }
        markDirty(connection)
        answerDeferred(of: connection, nowNanos: nowNanos)
    }

    /// Before it is applied: a znode that is deleted has its path no longer.
    private func noteWritten(_ txn: PreparedTxn) {
        switch txn.type {
        case .create, .create2, .createContainer, .createTTL, .setData:
            writtenPerNamespace.addWrite(
                tree.pointee.znode(txn.znode).pointee.path, bytes: txn.data?.count ?? 0)
        case .delete, .deleteContainer:
            writtenPerNamespace.addWrite(tree.pointee.znode(txn.znode).pointee.path, bytes: 0)
        case .multi where txn.value == 0:
            for part in txn.detail?.parts ?? [] where part.znode != 0 { noteWritten(part) }
        case .closeSession:
            for znode in txn.detail?.znodes ?? [] {
                writtenPerNamespace.addWrite(tree.pointee.znode(znode).pointee.path, bytes: 0)
            }
        default:
            break
        }
    }

    private func reply(to pending: PendingRequest, _ connection: Connection, results: ByteBuffer?) {
        let txn = pending.txn
        let xid = txn.cxid
        let zxid = tree.pointee.lastProcessedZxid
        if txn.type == .error {
            connection.output.writeReply(xid: xid, zxid: zxid, err: txn.error)
            return
        }
        switch pending.requestType {
        case .create:
            let path = tree.pointee.znode(txn.znode).pointee.path
            connection.output.writeReplyHeader(xid: xid, zxid: zxid, bodyBytes: 4 + path.count)
            connection.output.writeJuteBytes(path)
        case .create2, .createContainer, .createTTL:
            let znode = tree.pointee.znode(txn.znode)
            let path = znode.pointee.path
            connection.output.writeReplyHeader(xid: xid, zxid: zxid, bodyBytes: 4 + path.count + 68)
            connection.output.writeJuteBytes(path)
            connection.output.writeStat(znode, extendedTypesEnabled: configuration.extendedTypesEnabled)
        case .setData, .setACL:
            connection.output.writeStatReply(
                xid: xid, zxid: zxid, tree.pointee.znode(txn.znode),
                extendedTypesEnabled: configuration.extendedTypesEnabled)
        case .multi:
            replyToMulti(txn, connection, results: results, zxid: zxid)
        case .createSession:
            finishConnect(connection, sessionID: txn.clientID)
        default:
            connection.output.writeReply(xid: xid, zxid: zxid, err: .ok)
        }
    }

    // MARK: multi

    private func replyToMulti(_ txn: PreparedTxn, _ connection: Connection, results: ByteBuffer?, zxid: Int64) {
        connection.output.writeReply(xid: txn.cxid, zxid: zxid) { output in
            if txn.value == 0 {
                if let results { output.writeImmutableBuffer(results) }
            } else {
                for part in txn.detail?.parts ?? [] {
                    // Those before the part that failed were not done either, but have no fault of their own.
                    MultiResponse.Result.error(part.type == .error ? part.error : .ok).encodeAlone(into: &output)
                }
            }
            MultiHeader.end.encode(into: &output)
        }
    }

    private func writeResult(of part: PreparedTxn, _ tree: borrowing ZnodeTree, to output: inout ByteBuffer) {
        let type: OpCode =
            switch part.type {
            case .createContainer, .createTTL: .create2
            default: part.type
            }
        MultiHeader(type: type, done: false, err: 0).encode(into: &output)
        guard part.znode != 0 else { return }
        let znode = tree.znode(part.znode)
        switch part.type {
        case .create:
            output.writeJuteBytes(znode.pointee.path)
        case .create2, .createContainer, .createTTL:
            output.writeJuteBytes(znode.pointee.path)
            output.writeStat(znode, extendedTypesEnabled: configuration.extendedTypesEnabled)
        case .setData:
            output.writeStat(znode, extendedTypesEnabled: configuration.extendedTypesEnabled)
        default:
            break
        }
    }

    // MARK: Requests that waited

    private static let deferredAnswerBytesMax = 64 << 20

    /// Runs the reads that waited for the write that was just applied.
    private func answerDeferred(of connection: Connection, nowNanos: UInt64) {
        let before = connection.output.readableBytes
        while let request = connection.deferred.popFirst(writesApplied: connection.writesApplied) {
            let normalized = NormalizedStrings()
            request.frame.withUnsafeBytes { frame in
                let xid = Int32(bigEndian: frame.loadUnaligned(as: Int32.self))
                let type = Int32(bigEndian: frame.loadUnaligned(fromByteOffset: 4, as: Int32.self))
                answer(
                    ServerRequest(
                        xid: xid, type: OpCode(rawValue: type), body: frame.part(from: 8, to: frame.count),
                        startedNanos: request.startedNanos),
                    of: connection, time: BatchTime(nanos: nowNanos, wallMillis: 0), normalized: normalized)
            }
            // They were taken in for less: what they ask for was made larger and smaller again in the meantime.
            if connection.output.readableBytes - before > Self.deferredAnswerBytesMax { cutOff(connection) }
        }
    }
}

extension MultiResponse.Result {
    /// The result with its header, outside of a response.
    func encodeAlone(into output: inout ByteBuffer) {
        var whole = ByteBuffer()
        MultiResponse(results: [self]).encode(into: &whole)
        output.writeImmutableBuffer(whole.getSlice(at: 0, length: whole.readableBytes - 9) ?? ByteBuffer())
    }
}
