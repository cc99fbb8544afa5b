import NIOCore
import ZKCore
import ZKTree
import ZKWire

/// Requests that take a zxid: decoded, checked and handed on. Under the exclusive lock.
extension ServerCore {
    func prepare(
        _ request: ServerRequest, of connection: Connection, time: BatchTime, normalized: NormalizedStrings
    ) {
        guard let session = connection.session, !session.isClosing else { return }
        let context = RequestContext(
            sessionID: session.id, cxid: request.xid, timeMillis: time.wallMillis, requester: connection.requester)
        var reader = RequestReader(request.body, lengthMax: lengthMax, normalized: normalized)
        let txn: PreparedTxn
        do throws(JuteError) {
            txn = try prepare(request, reader: &reader, context, time: time)
        } catch .unexpectedNull {
            // A null path is found only after the request has its zxid.
            txn = tree.pointee.prepareRefused(.marshallingError, context)
        } catch {
            txn =
                request.type == .multi
                ? tree.pointee.prepareRefused(.marshallingError, context)
                : tree.pointee.prepareUndecodable(context)
        }
        submit(
            PendingRequest(
                txn: txn, connection: connection, requestType: request.type, startedNanos: request.startedNanos))
        if request.type == .closeSession {
            connection.closesSession = true
            if connection.phase == .connected { connection.phase = .closing }
        }
    }

    private func prepare(
        _ request: ServerRequest, reader: inout RequestReader, _ context: RequestContext, time: BatchTime
    ) throws(JuteError) -> PreparedTxn {
        switch request.type {
        case .setData:
            let path = try reader.readPath()
            let data = try reader.readBuffer()
            return tree.pointee.prepareSetData(path: path, data: data, version: try reader.readInt32(), context)
        case .create, .create2, .createContainer, .createTTL:
            let arguments = try reader.readCreate(type: request.type, in: request.body)
            return tree.pointee.prepareCreate(arguments, context)
        case .delete:
            let path = try reader.readPath()
            return tree.pointee.prepareDelete(path: path, version: try reader.readInt32(), context)
        case .deleteContainer:
            return tree.pointee.prepareDeleteContainer(path: try reader.readPath(), checksACL: true, context)
        case .setACL:
            let path = try reader.readPath()
            let encoded = try reader.readEncodedACL(in: request.body)
            let version = try reader.readInt32()
            return tree.pointee.prepareSetACL(
                path: path, encodedACL: encoded, list: { ACLDecoder.decode(encoded) }, version: version, context)
        case .multi:
            return tree.pointee.prepareMulti(try reader.readMulti(in: request.body), context)
        case .reconfig:
            _ = (try reader.readOptionalString(), try reader.readOptionalString(), try reader.readOptionalString())
            _ = try reader.readInt64()
            return tree.pointee.prepareRefused(
                configuration.reconfigEnabled ? .unimplemented : .reconfigDisabled, context)
        case .createSession:
            let timeout = try reader.readInt32()
            sessions.open(context.sessionID, timeoutMillis: Int64(timeout), nowMillis: time.millis)
            return tree.pointee.prepareCreateSession(timeoutMillis: timeout, context)
        default:
            sessions.startClosing(context.sessionID)
            return tree.pointee.prepareCloseSession(context)
        }
    }

    /// Hands a prepared txn on to the log, or applies it at once when there is none.
    func submit(_ pending: PendingRequest) {
        pending.connection?.notePrepared()
        outstanding += 1
        if let log {
            log.append(pending, self)
        } else {
            apply(pending, nowNanos: pending.startedNanos)
        }
    }
}

extension RequestReader {
    mutating func readCreate(
        type: OpCode, in body: UnsafeRawBufferPointer, allowsNullACL: Bool = true
    ) throws(JuteError) -> CreateArguments {
        let path = try readPath()
        let data = try readBuffer()
        let acl = try readEncodedACL(in: body, allowsNull: allowsNullACL)
        let flags = try readInt32()
        return CreateArguments(
            type: type, path: path, data: data, encodedACL: acl, flags: flags,
            ttlMillis: type == .createTTL ? try readInt64() : -1)
    }

    /// The ops of a multi. Reads, unknown types and flags that fit no mode break the record.
    ///
    /// Source: `MultiOperationRecord`, `Op.Create`.
    mutating func readMulti(in body: UnsafeRawBufferPointer) throws(JuteError) -> [MultiPart] {
        var parts: [MultiPart] = []
        while true {
            let header = try MultiHeader(from: &jute)
            if header.done { return parts }
            switch header.type {
            case .create, .create2, .createContainer, .createTTL:
                parts.append(.create(try readCreatePart(type: header.type, in: body)))
            case .delete:
                let path = try readPath()
                parts.append(.delete(path: path, version: try readInt32()))
            case .setData:
                let path = try readPath()
                let data = try readBuffer()
                parts.append(.setData(path: path, data: data, version: try readInt32()))
            case .check:
                let path = try readPath()
                parts.append(.check(path: path, version: try readInt32()))
            default:
                throw .unexpectedType(header.type.rawValue)
            }
        }
    }

    private mutating func readCreatePart(
        type: OpCode, in body: UnsafeRawBufferPointer
    ) throws(JuteError) -> CreateArguments {
        // A list that is null is an invalid one elsewhere; here Apache fails on it before it looks at it.
        var arguments = try readCreate(type: type, in: body, allowsNullACL: false)
        guard let mode = CreateMode(rawValue: arguments.flags), mode.hasTTL == (type == .createTTL) else {
            throw .unexpectedType(arguments.flags)
        }
        // Within a multi the flags, too, make a container.
        if mode.isContainer { arguments.type = .createContainer }
        return arguments
    }
}
