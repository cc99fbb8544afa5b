internal import Histogram
internal import NIOCore
internal import Synchronization
internal import ZKCore

/// What one measured run counts, over all connections.
final class LoadCounters: Sendable {
    /// Replies within the measured time, for the progress line.
    let measured = Atomic<Int>(0)
    /// Requests that may still be sent, when their number is limited.
    let remaining: Atomic<Int>

    init(requestCount: Int?) {
        remaining = Atomic(requestCount ?? .max)
    }
}

/// Sends one operation over and over until it is told to stop. Confined to the connection's event loop.
final class LoadSource: RequestSource {
    enum Phase {
        case warmingUp
        case measuring
        case stopping
    }

    var phase = Phase.warmingUp
    private(set) var histogram = Histogram<UInt64>(
        highestTrackableValue: 60_000_000_000, numberOfSignificantValueDigits: .three)
    /// Replies within the measured time that were errors, by code.
    private(set) var errors: [ErrorCode: Int] = [:]
    /// Successful replies to writes from the first request on, warm-up included.
    private(set) var acknowledgedWrites = 0
    private(set) var sentCount = 0
    private let plan: LoadPlan
    private let counters: LoadCounters
    private let isLimited: Bool
    private let drained: EventLoopPromise<Void>
    private var isDrained = false
    private var batchCount = 0
    private var random: UInt64

    init(plan: LoadPlan, counters: LoadCounters, isLimited: Bool, drained: EventLoopPromise<Void>) {
        self.plan = plan
        self.counters = counters
        self.isLimited = isLimited
        self.drained = drained
        random = UInt64.random(in: 1 ... .max)
    }

    func writeNext(xid: Int32, into buffer: inout ByteBuffer) -> Bool {
        guard phase != .stopping else { return false }
        if isLimited, counters.remaining.subtract(1, ordering: .relaxed).newValue < 0 {
            phase = .stopping
            return false
        }
        plan.template(for: xid, random: nextRandom()).write(xid: xid, number: sentCount, into: &buffer)
        sentCount += 1
        return true
    }

    func receive(xid: Int32, err: ErrorCode, body: UnsafeRawBufferPointer, latencyNanos: UInt64) {
        if err == .ok, plan.isWrite(xid) { acknowledgedWrites += 1 }
        guard phase == .measuring || isLimited else { return }
        batchCount += 1
        histogram.record(latencyNanos)
        if err != .ok { errors[err, default: 0] += 1 }
    }

    func didReceiveBatch() {
        counters.measured.add(batchCount, ordering: .relaxed)
        batchCount = 0
    }

    func didDrain() {
        guard phase == .stopping, !isDrained else { return }
        isDrained = true
        drained.succeed()
    }

    func connectionDidFail(_ error: BenchError) {
        guard !isDrained else { return }
        isDrained = true
        drained.fail(error)
    }

    /// xorshift64: the key of a request needs no better one.
    private func nextRandom() -> UInt64 {
        random ^= random << 13
        random ^= random >> 7
        random ^= random << 17
        return random
    }
}
