import Synchronization
import ZKCore
import ZKTree

extension Connection {
    /// The number of a connection that has a session.
    var watcher: UInt32 {
        guard let id else { preconditionFailure("only connections with a session ask for watches") }
        return id
    }

    var untaken: Int { unreadBytes.load(ordering: .relaxed) }

    @inline(__always)
    func noteReceived(in core: ServerCore) {
        stats.received &+= 1
        core.loops[loopIndex].stats.received &+= 1
    }

    @inline(__always)
    func noteSent(in core: ServerCore) {
        stats.sent &+= 1
        core.loops[loopIndex].stats.sent &+= 1
    }

    @inline(__always)
    func noteAnswer(
        _ type: OpCode, xid: Int32, zxid: Int64, bytes: Int, startedNanos: UInt64, nowNanos: UInt64,
        in core: ServerCore
    ) {
        noteSent(in: core)
        let latency = Int64((nowNanos &- startedNanos) / 1_000_000)
        stats.lastType = type
        stats.lastXid = xid
        stats.lastZxid = zxid
        stats.lastResponseMillis = Int64(nowNanos / 1_000_000)
        stats.lastLatencyMillis = latency
        stats.latency.add(latency)
        core.loops[loopIndex].stats.note(type, latencyMillis: latency, replyBytes: max(0, bytes))
    }
}

extension ServerCore {
    /// Whether a client has to wait: for its session, or, with requests in it, for a full pipeline. Under either lock.
    func isOverloaded(by connection: Connection) -> Bool {
        if connection.phase == .connecting || connection.waitsForLog { return true }
        guard connection.writesInFlight > 0 else { return false }
        return connection.waitsForWrites || outstanding > configuration.outstandingRequestsMax
            || unwrittenBytes > Self.unwrittenBytesMax
    }

    func noteSessionlessExpiry() {
        lock.withExclusive { sessionlessExpired += 1 }
    }
}
