import Synchronization

/// Reads of a session that came behind its unfinished writes. Each runs when the writes before it are applied and
/// before those after it, so that a session sees its requests done in their order.
///
/// All of them run at once, so what counts is not only what they are but also what their answers will be.
struct DeferredRequests {
    struct Request {
        /// Runs when as many writes of the connection are applied.
        var afterWrites: UInt64
        var frame: [UInt8]
        /// About what the request and its answer take.
        var cost: Int
        var startedNanos: UInt64
    }

    private static let requestsMax = 1000
    private static let costMax = 2 << 20

    private var requests: [Request] = []
    private var head = 0
    private var cost = 0
    private let budget: ByteBudget

    init(budget: ByteBudget) {
        self.budget = budget
    }

    var isEmpty: Bool { head == requests.count }
    var count: Int { requests.count - head }

    /// Whether one more request fits in. If not it waits where it is, and nothing behind it is looked at, until the
    /// writes before it are applied: then it need not be kept at all.
    func hasRoom(for cost: Int) -> Bool {
        count < Self.requestsMax && self.cost + cost <= Self.costMax && budget.hasRoom(for: cost)
    }

    mutating func append(_ frame: UnsafeRawBufferPointer, afterWrites: UInt64, cost: Int, startedNanos: UInt64) {
        self.cost += cost
        budget.take(cost)
        requests.append(
            Request(afterWrites: afterWrites, frame: Array(frame), cost: cost, startedNanos: startedNanos))
    }

    /// The first request, if the writes before it are applied.
    mutating func popFirst(writesApplied: UInt64) -> Request? {
        guard head < requests.count, requests[head].afterWrites <= writesApplied else { return nil }
        let request = requests[head]
        requests[head].frame = []
        cost -= request.cost
        budget.giveBack(request.cost)
        head += 1
        if head == requests.count {
            requests.removeAll(keepingCapacity: true)
            head = 0
        }
        return request
    }

    mutating func removeAll() {
        budget.giveBack(cost)
        cost = 0
        requests = []
        head = 0
    }
}

/// Bytes that all connections may take together.
final class ByteBudget: Sendable {
    private let most: Int
    private let taken = Atomic(0)

    init(_ most: Int) {
        self.most = most
    }

    /// What is taken now.
    var bytes: Int { taken.load(ordering: .relaxed) }

    func hasRoom(for bytes: Int) -> Bool { taken.load(ordering: .relaxed) + bytes <= most }

    func take(_ bytes: Int) { taken.add(bytes, ordering: .relaxed) }
    func giveBack(_ bytes: Int) { taken.subtract(bytes, ordering: .relaxed) }
}
