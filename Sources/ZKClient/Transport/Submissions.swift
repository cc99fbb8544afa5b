internal import NIOCore
internal import ZKCore
internal import ZKWire

/// What callers have handed in and the event loop has not sent yet. Guarded by a lock that is held for as long as it
/// takes to encode one request.
///
/// A request gets its xid and its place here, before its caller first waits. Up to `outstandingMax` requests are queued
/// or unanswered, and about `bufferBytesMax` bytes of them encoded and not sent; those beyond wait, not encoded, in the
/// order of the calls.
struct Submissions {
    static let bufferBytesMax = 4 << 20

    let outstandingMax: Int
    /// Set when the session is over: nothing more gets in.
    var refusal: Request.Failure.Cause?
    /// The frames of `queued`, in order.
    private(set) var buffer = ByteBuffer()
    private(set) var queued: [Request] = []
    private(set) var overflow = CircularBuffer<Request>()
    /// Queued, or written and not answered.
    private(set) var outstanding = 0
    var isDrainScheduled = false
    /// Of `queued` those that were cancelled or timed out, so that `buffer` must not be sent as it is.
    private var deadCount = 0
    private var deadBytes = 0
    private var overflowDeadCount = 0
    /// addWatch requests whose reply has not come. See `SessionDriver.forget`.
    var pendingAddWatches: [AddWatchKey: Int] = [:]
    private var lastXid: Int32 = 0
    private var lastBatchBytes = 0

    init(outstandingMax: Int) {
        self.outstandingMax = outstandingMax
    }

    struct AddWatchKey: Hashable {
        var path: ZnodePath
        var mode: AddWatchMode
    }

    var isEmpty: Bool { queued.isEmpty && overflow.isEmpty }
    private var isFull: Bool { outstanding >= outstandingMax || buffer.readableBytes >= Self.bufferBytesMax }

    mutating func append(_ request: Request) {
        request.stage = .queued
        if isFull || !overflow.isEmpty {
            overflow.append(request)
        } else {
            enqueue(request)
        }
    }

    private mutating func enqueue(_ request: Request) {
        request.xid = request.type == .auth ? XID.auth : nextXid()
        if buffer.capacity == 0 { buffer.reserveCapacity(max(1024, lastBatchBytes)) }
        request.encodeFrame(into: &buffer)
        queued.append(request)
        outstanding += 1
    }

    /// xids start at 1 and start again there.
    mutating func nextXid() -> Int32 {
        lastXid = lastXid == .max ? 1 : lastXid + 1
        return lastXid
    }

    /// Requests were answered or given up: others move up.
    mutating func release(_ count: Int) {
        outstanding -= count
        while !isFull, let request = overflow.popFirst() {
            if request.stage == .queued { enqueue(request) } else { overflowDeadCount -= 1 }
        }
    }

    /// Takes everything that is encoded. `requests` must be empty; its storage is used again.
    mutating func take(into requests: inout [Request]) -> ByteBuffer {
        swap(&queued, &requests)
        var batch = ByteBuffer()
        swap(&batch, &buffer)
        lastBatchBytes = min(batch.readableBytes, 1 << 20)
        if deadCount > 0 { buried(Self.bury(&requests, &batch)) }
        release(0)
        return batch
    }

    /// One that waits here is resolved without having been sent. The dead are dropped when they have more than half of
    /// the room, so that this costs no more than they did.
    mutating func noteDead(_ request: Request) {
        if request.xid == 0 {
            overflowDeadCount += 1
            guard overflowDeadCount > overflow.count / 2 else { return }
            overflow.removeAll { $0.stage == .resolved }
            overflowDeadCount = 0
            return
        }
        deadCount += 1
        deadBytes += request.frameBytes
        guard deadBytes > buffer.readableBytes / 2 || deadCount > queued.count / 2 else { return }
        buried(Self.bury(&queued, &buffer))
        release(0)
    }

    /// Takes the dead out of requests and of their frames, and tells how many there were.
    private static func bury(_ requests: inout [Request], _ frames: inout ByteBuffer) -> Int {
        let count = requests.count
        requests.removeAll { $0.stage == .resolved }
        frames = ByteBuffer()
        for request in requests { request.encodeFrame(into: &frames) }
        return count - requests.count
    }

    private mutating func buried(_ count: Int) {
        deadCount = 0
        deadBytes = 0
        outstanding -= count
    }

    /// Takes everything, encoded or not, when nothing will be sent any more.
    mutating func takeAll() -> [Request] {
        defer {
            queued = []
            overflow = CircularBuffer()
            buffer = ByteBuffer()
            outstanding = 0
            deadCount = 0
            deadBytes = 0
            overflowDeadCount = 0
        }
        return queued + overflow
    }
}
