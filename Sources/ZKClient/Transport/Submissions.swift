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
    /// How many of `queued` were cancelled or timed out, so that `buffer` must not be sent as it is.
    var deadCount = 0
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
            if request.stage == .queued { enqueue(request) }
        }
    }

    /// Takes everything that is encoded. `requests` must be empty; its storage is used again.
    mutating func take(into requests: inout [Request]) -> ByteBuffer {
        swap(&queued, &requests)
        var batch = ByteBuffer()
        swap(&batch, &buffer)
        lastBatchBytes = min(batch.readableBytes, 1 << 20)
        if deadCount > 0 {
            deadCount = 0
            let takenCount = requests.count
            requests.removeAll { $0.stage == .resolved }
            batch.clear()
            for request in requests { request.encodeFrame(into: &batch) }
            outstanding -= takenCount - requests.count
        }
        release(0)
        return batch
    }

    /// Takes everything, encoded or not, when nothing will be sent any more.
    mutating func takeAll() -> [Request] {
        defer {
            queued = []
            overflow = CircularBuffer()
            buffer = ByteBuffer()
            outstanding = 0
            deadCount = 0
        }
        return queued + overflow
    }
}
