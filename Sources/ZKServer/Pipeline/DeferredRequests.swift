/// Reads of a session that came behind its unfinished writes. Each runs when the writes before it are applied and
/// before those after it, so that a session sees its requests done in their order.
struct DeferredRequests {
    struct Request {
        /// Runs when as many writes of the connection are applied.
        var afterWrites: UInt64
        var frame: [UInt8]
        var startedNanos: UInt64
    }

    private var requests: [Request] = []
    private var head = 0

    var isEmpty: Bool { head == requests.count }
    var count: Int { requests.count - head }

    mutating func append(_ frame: UnsafeRawBufferPointer, afterWrites: UInt64, startedNanos: UInt64) {
        requests.append(Request(afterWrites: afterWrites, frame: Array(frame), startedNanos: startedNanos))
    }

    /// The first request, if the writes before it are applied.
    mutating func popFirst(writesApplied: UInt64) -> Request? {
        guard head < requests.count, requests[head].afterWrites <= writesApplied else { return nil }
        defer {
            head += 1
            if head == requests.count {
                requests.removeAll(keepingCapacity: true)
                head = 0
            }
        }
        return requests[head]
    }

    mutating func removeAll() {
        requests = []
        head = 0
    }
}
