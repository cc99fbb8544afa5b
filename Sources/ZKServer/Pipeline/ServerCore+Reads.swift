import NIOCore
import ZKCore
import ZKTree
import ZKWire

/// Requests that change nothing but watches. On the loop of the connection under a lock that fits, or on the log
/// thread for those that waited for a write. Source: `FinalRequestProcessor`.
extension ServerCore {
    func answer(
        _ request: ServerRequest, of connection: Connection, time: BatchTime, normalized: NormalizedStrings
    ) {
        var reader = RequestReader(request.body, lengthMax: lengthMax, normalized: normalized)
        let zxid = tree.pointee.lastProcessedZxid
        let start = connection.output.writerIndex
        do throws(ReadFailure) {
            try answer(request, of: connection, reader: &reader, zxid: zxid)
        } catch {
            connection.output.moveWriterIndex(to: start)
            connection.output.writeReply(xid: request.xid, zxid: zxid, err: error.code)
        }
        connection.noteAnswer(
            request.type, xid: request.xid, zxid: zxid, bytes: connection.output.writerIndex - start - 4,
            startedNanos: request.startedNanos,
            nowNanos: time.nanos, in: self)
    }

    /// Why a read has no result.
    private struct ReadFailure: Error {
        let code: ErrorCode

        static let undecodable = Self(code: .marshallingError)
    }

    private func decode<Value>(_ body: () throws(JuteError) -> Value) throws(ReadFailure) -> Value {
        do throws(JuteError) { return try body() } catch { throw .undecodable }
    }

    @inline(__always)
    private func readPath(_ reader: inout RequestReader) throws(ReadFailure) -> UnsafeRawBufferPointer {
        do throws(JuteError) { return try reader.readPath() } catch { throw .undecodable }
    }

    private func readOptionalPath(_ reader: inout RequestReader) throws(ReadFailure) -> UnsafeRawBufferPointer? {
        do throws(JuteError) { return try reader.readOptionalPath() } catch { throw .undecodable }
    }

    @inline(__always)
    private func readPathAndFlag(
        _ reader: inout RequestReader
    ) throws(ReadFailure) -> (path: UnsafeRawBufferPointer, flag: Bool) {
        do throws(JuteError) { return (try reader.readPath(), try reader.readBool()) } catch { throw .undecodable }
    }

    private func answer(
        _ request: ServerRequest, of connection: Connection, reader: inout RequestReader, zxid: Int64
    ) throws(ReadFailure) {
        let xid = request.xid
        switch request.type {
        case .getData:
            let (path, watch) = try readPathAndFlag(&reader)
            let index = try readable(path, connection)
            if watch { tree.pointee.watches.addDataWatch(path, watcher: connection.watcher) }
            connection.output.writeDataReply(
                xid: xid, zxid: zxid, tree.pointee.znode(index),
                extendedTypesEnabled: configuration.extendedTypesEnabled)
            noteRead(path, bytes: tree.pointee.znode(index).pointee.data?.count ?? 0, connection)
        case .exists:
            try answerExists(xid, connection, reader: &reader, zxid: zxid)
        case .getChildren, .getChildren2:
            let (path, watch) = try readPathAndFlag(&reader)
            let index = try readable(path, connection)
            if watch { tree.pointee.watches.addChildWatch(path, watcher: connection.watcher) }
            let nameBytes = connection.output.writeReply(xid: xid, zxid: zxid) { output -> Int? in
                guard let nameBytes = writeChildren(of: index, to: &output) else { return nil }
                if request.type == .getChildren2 {
                    output.writeStat(
                        tree.pointee.znode(index), extendedTypesEnabled: configuration.extendedTypesEnabled)
                }
                return nameBytes
            }
            guard let nameBytes else { return cutOff(connection) }
            noteRead(path, bytes: nameBytes, connection)
        case .ping:
            connection.output.writeReply(xid: XID.ping, zxid: zxid, err: .ok)
        case .sync:
            // One that is null comes back as it is.
            let path = try readOptionalPath(&reader)
            connection.output.writeReplyHeader(xid: xid, zxid: zxid, bodyBytes: 4 + (path?.count ?? 0))
            connection.output.writeJuteBytes(path)
        case .getACL:
            try answerGetACL(xid, connection, reader: &reader, zxid: zxid)
        case .getAllChildrenNumber:
            let index = try readable(try readPath(&reader), connection)
            connection.output.writeReplyHeader(xid: xid, zxid: zxid, bodyBytes: 4)
            connection.output.writeInteger(Int32(truncatingIfNeeded: tree.pointee.descendantCount(of: index)))
        case .getEphemerals:
            let prefix = try decode { () throws(JuteError) in try reader.readOptionalString() }
            let paths = tree.pointee.ephemeralPaths(of: connection.session?.id ?? 0, prefix: prefix)
            guard paths.reduce(0, { $0 + 4 + $1.bytes.count }) <= configuration.unreadReplyBytesMax else {
                return cutOff(connection)
            }
            connection.output.writeReply(xid: xid, zxid: zxid) { $0.writeJute(paths) }
        case .whoAmI:
            connection.output.writeReply(xid: xid, zxid: zxid) { output in
                WhoAmIResponse(clientInfo: connection.requester.identities.map(Self.clientInfo)).encode(into: &output)
            }
        case .multiRead:
            try answerMultiRead(request, connection, zxid: zxid)
        default:
            try answerWatchRequest(request, connection, reader: &reader, zxid: zxid)
        }
    }

    @inline(__always)
    private func noteRead(_ path: UnsafeRawBufferPointer, bytes: Int, _ connection: Connection) {
        loops[connection.loopIndex].readPerNamespace.addRead(path, bytes: bytes)
    }

    /// The index of a znode that the connection may read.
    @inline(__always)
    private func readable(
        _ path: UnsafeRawBufferPointer, _ connection: Connection
    ) throws(ReadFailure) -> UInt32 {
        let index = tree.pointee.findCommitted(path)
        guard index != 0 else { throw ReadFailure(code: .noNode) }
        guard tree.pointee.isAllowed(.read, by: connection.requester, acl: tree.pointee.znode(index).pointee.acl) else {
            throw ReadFailure(code: .noAuth)
        }
        return index
    }

    /// Returns the bytes of the names; nil, with the rest left out, when it is more than a client may leave unread.
    private func writeChildren(of index: UInt32, to output: inout ByteBuffer) -> Int? {
        output.writeInteger(Int32(bitPattern: tree.pointee.znode(index).pointee.childCount))
        let start = output.writerIndex
        var child = tree.pointee.znode(index).pointee.firstChild
        while child != 0 {
            let znode = tree.pointee.znode(child)
            output.writeJuteBytes(znode.pointee.name)
            child = znode.pointee.nextSibling
            if output.readableBytes > configuration.unreadReplyBytesMax { return nil }
        }
        return output.writerIndex - start - 4 * Int(tree.pointee.znode(index).pointee.childCount)
    }

    private func answerExists(
        _ xid: Int32, _ connection: Connection, reader: inout RequestReader, zxid: Int64
    ) throws(ReadFailure) {
        let (path, watch) = try readPathAndFlag(&reader)
        guard !path.contains(0) else { throw ReadFailure(code: .badArguments) }
        let index = tree.pointee.findCommitted(path)
        if index != 0 {
            let acl = tree.pointee.znode(index).pointee.acl
            guard tree.pointee.isAllowed(.read, by: connection.requester, acl: acl) else {
                throw ReadFailure(code: .noAuth)
            }
        }
        // A znode that is not there is watched for all that.
        if watch { tree.pointee.watches.addDataWatch(path, watcher: connection.watcher) }
        guard index != 0 else { throw ReadFailure(code: .noNode) }
        noteRead(path, bytes: 0, connection)
        connection.output.writeStatReply(
            xid: xid, zxid: zxid, tree.pointee.znode(index), extendedTypesEnabled: configuration.extendedTypesEnabled)
    }

    private func answerGetACL(
        _ xid: Int32, _ connection: Connection, reader: inout RequestReader, zxid: Int64
    ) throws(ReadFailure) {
        let index = tree.pointee.findCommitted(try readPath(&reader))
        guard index != 0 else { throw ReadFailure(code: .noNode) }
        let acl = tree.pointee.znode(index).pointee.acl
        guard tree.pointee.isAllowed([.read, .admin], by: connection.requester, acl: acl) else {
            throw ReadFailure(code: .noAuth)
        }
        connection.output.writeReply(xid: xid, zxid: zxid) { output in
            output.writeJute(tree.pointee.visibleACL(at: acl, to: connection.requester))
            output.writeStat(tree.pointee.znode(index), extendedTypesEnabled: configuration.extendedTypesEnabled)
        }
    }

    /// The user of a digest identity, the address of an ip one. Source: `AuthUtil.getClientInfos`.
    private static func clientInfo(_ identity: ACLIdentity) -> ClientInfo {
        switch identity.scheme {
        case "digest":
            let user = identity.id.bytes.prefix { $0 != UInt8(ascii: ":") }
            return ClientInfo(authScheme: identity.scheme, user: UString(bytes: Array(user)))
        default:
            return ClientInfo(authScheme: identity.scheme, user: identity.id)
        }
    }

    // MARK: multiRead

    /// The longest answer: as much as 64 of the longest requests have written.
    private var multiReadBytesMax: Int { min(configuration.unreadReplyBytesMax, 64 * configuration.frameBytesMax) }

    private func answerMultiRead(
        _ request: ServerRequest, _ connection: Connection, zxid: Int64
    ) throws(ReadFailure) {
        var reader = JuteReader(request.body, lengthMax: lengthMax)
        let multi = try decode { () throws(JuteError) in try MultiRequest(from: &reader) }
        let kinds = multi.ops.map(\.isRead)
        // A mix breaks the record; writes alone are refused with a body, as Apache does.
        guard Set(kinds).count < 2 else { throw .undecodable }
        if kinds.contains(false) {
            connection.output.writeMultipleIntegers(
                Int32(16 + 9), request.xid, zxid, ErrorCode.marshallingError.rawValue)
            MultiHeader.end.encode(into: &connection.output)
            return
        }
        var isTooLong = false
        connection.output.writeReply(xid: request.xid, zxid: zxid) { output in
            for op in multi.ops where !isTooLong {
                writeResult(of: op, connection, to: &output)
                isTooLong = output.readableBytes > multiReadBytesMax
            }
            MultiHeader.end.encode(into: &output)
        }
        if isTooLong { cutOff(connection) }
    }

    private func writeResult(of op: MultiRequest.Op, _ connection: Connection, to output: inout ByteBuffer) {
        let path =
            switch op {
            case .getData(let request): request.path
            case .getChildren(let request): request.path
            default: UString(bytes: [])
            }
        let bytes = JavaString.normalized(path.bytes)
        do throws(ReadFailure) {
            let found: Result<UInt32, ReadFailure> = bytes.withUnsafeBytes { bytes in
                do throws(ReadFailure) { return .success(try readable(bytes, connection)) } catch {
                    return .failure(error)
                }
            }
            let index = try found.get()
            MultiHeader(type: op.type, done: false, err: 0).encode(into: &output)
            if case .getData = op {
                let znode = tree.pointee.znode(index)
                output.writeJuteBytes(znode.pointee.data)
                output.writeStat(znode, extendedTypesEnabled: configuration.extendedTypesEnabled)
                noteRead(znode.pointee.path, bytes: znode.pointee.data?.count ?? 0, connection)
            } else if let nameBytes = writeChildren(of: index, to: &output) {
                // Whether it is too long the caller sees.
                noteRead(tree.pointee.znode(index).pointee.path, bytes: nameBytes, connection)
            }
        } catch {
            MultiResponse.Result.error(error.code).encodeAlone(into: &output)
        }
    }

    // MARK: Watches

    private func answerWatchRequest(
        _ request: ServerRequest, _ connection: Connection, reader: inout RequestReader, zxid: Int64
    ) throws(ReadFailure) {
        switch request.type {
        case .setWatches, .setWatches2:
            let hasPersistent = request.type == .setWatches2
            let sets = try decode { () throws(JuteError) in
                (
                    zxid: try reader.readInt64(), data: try reader.readStrings(), exist: try reader.readStrings(),
                    child: try reader.readStrings(), persistent: hasPersistent ? try reader.readStrings() : [],
                    recursive: hasPersistent ? try reader.readStrings() : []
                )
            }
            tree.pointee.setWatches(
                relativeZxid: sets.zxid, data: sets.data, exist: sets.exist, child: sets.child,
                persistent: sets.persistent, recursive: sets.recursive, watcher: connection.watcher)
            sendFiredEvents()
            connection.output.writeReply(xid: request.xid, zxid: zxid, err: .ok)
        case .addWatch:
            let path = try readOptionalPath(&reader)
            let mode = try decode { () throws(JuteError) in try reader.readInt32() }
            guard let mode = AddWatchMode(rawValue: mode) else { throw .undecodable }
            // Nothing will ever happen at a path that is null.
            if let path { tree.pointee.watches.addWatch(path, watcher: connection.watcher, mode: mode) }
            connection.output.writeReplyHeader(xid: request.xid, zxid: zxid, bodyBytes: 4)
            connection.output.writeInteger(Int32(0))
        case .checkWatches, .removeWatches:
            let optionalPath = try readOptionalPath(&reader)
            let type = try decode { () throws(JuteError) in try reader.readInt32() }
            guard let type = WatcherType(rawValue: type) else { throw .undecodable }
            guard let path = optionalPath else { throw ReadFailure(code: .noWatcher) }
            let found =
                request.type == .checkWatches
                ? tree.pointee.watches.contains(path, watcher: connection.watcher, type: type)
                : tree.pointee.watches.remove(path, watcher: connection.watcher, type: type)
            guard found else { throw ReadFailure(code: .noWatcher) }
            connection.output.writeReply(xid: request.xid, zxid: zxid, err: .ok)
        default:
            throw .undecodable
        }
    }

    /// Writes the events that the tree has collected to the connections they are for. Under the exclusive lock.
    func sendFiredEvents() {
        if tree.pointee.watches.fired.isEmpty { return }
        tree.pointee.watches.firedPaths.withUnsafeBytes { paths in
            for event in tree.pointee.watches.fired {
                guard let connection = connections[event.watcher] else { continue }
                let path = paths.part(from: event.path.lowerBound, to: event.path.upperBound)
                connection.output.writeMultipleIntegers(
                    Int32(truncatingIfNeeded: 16 + 12 + path.count), XID.notification, event.zxid, Int32(0),
                    event.type.rawValue, KeeperState.syncConnected.rawValue)
                connection.output.writeJuteBytes(path)
                connection.noteSent(in: self)
                markDirty(connection)
                if connection.output.readableBytes > configuration.unreadReplyBytesMax { cutOff(connection) }
            }
        }
        tree.pointee.watches.clearFired()
    }
}

extension MultiRequest.Op {
    var isRead: Bool {
        switch self {
        case .getData, .getChildren: true
        default: false
        }
    }
}
