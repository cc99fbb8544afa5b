import ZKCore
import ZKTree

/// Reads behind unfinished writes of their connection: kept, or left where they are.
extension ServerCore {
    /// What the deferred requests of all connections and their answers may take.
    static let deferredBytesMax = 64 << 20

    /// Keeps a read until the writes before it are applied. False when there is no room for it and its answer: then
    /// the frame stays unread. Under either lock.
    func deferRequest(
        _ request: ServerRequest, frame: UnsafeRawBufferPointer, of connection: Connection
    ) -> Bool {
        let cost = frame.count + expectedAnswerBytes(request, of: connection)
        guard connection.deferred.hasRoom(for: cost) else {
            connection.waitsForWrites = true
            return false
        }
        connection.deferred.append(
            frame, afterWrites: connection.writesPrepared, cost: cost, startedNanos: request.startedNanos)
        return true
    }

    /// Leaves a write where it is until the log has room again.
    func waitForLog(_ connection: Connection) {
        connection.waitsForWrites = true
        connection.waitsForLog = true
        waitingForLog[ObjectIdentifier(connection)] = connection
    }

    /// There is room: who waits is read from again. Under the exclusive lock.
    func resumeWaitingForLog() {
        guard !waitingForLog.isEmpty, unwrittenBytes <= Self.unwrittenBytesMax else { return }
        for connection in waitingForLog.values {
            connection.waitsForLog = false
            markDirty(connection)
        }
        waitingForLog = [:]
    }

    /// About how long the answer to a read will be, judged by the tree as it is now and will be.
    private func expectedAnswerBytes(_ request: ServerRequest, of connection: Connection) -> Int {
        switch request.type {
        case .getData:
            return 88 + tree.pointee.expectedDataBytes(Self.path(request.body))
        case .getChildren, .getChildren2:
            return 88 + tree.pointee.expectedChildrenBytes(Self.path(request.body))
        case .getACL:
            return 88 + tree.pointee.aclBytes(Self.path(request.body))
        case .getEphemerals:
            return 64 * tree.pointee.ephemeralCount(of: connection.session?.id ?? 0)
        case .whoAmI:
            return connection.requester.identityBytes
        case .multiRead:
            // As many answers as there are ops: not worth a guess.
            return Int(Int32.max)
        default:
            return 88
        }
    }

    /// The path at the front of a body; "" when it is not whole.
    private static func path(_ body: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        guard body.count >= 4 else { return body.part(from: 0, to: 0) }
        let count = Int(Int32(bigEndian: body.loadUnaligned(as: Int32.self)))
        guard count >= 0, count <= body.count - 4 else { return body.part(from: 0, to: 0) }
        return body.part(from: 4, to: 4 + count)
    }
}
