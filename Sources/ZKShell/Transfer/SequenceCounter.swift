internal import ZKClient
internal import ZKCore

/// What numbers the next sequential child of a znode: how many children it has ever had.
///
/// A copy that lacks it hands out names that were used already, which queues and replication logs take for old entries.
enum SequenceCounter: Sendable, Hashable {
    case count(Int)
    /// Beyond 2^30 creates the stat, which holds twice their number, has wrapped.
    case beyond

    /// Source: `DataNode.copyStat`.
    init(_ stat: Stat) {
        let doubled = Int64(stat.cversion) + Int64(stat.numChildren)
        self = doubled < 0 || doubled > 1 << 31 ? .beyond : .count(Int(doubled / 2))
    }

    /// How far a counter is raised at most: each step is a create and a delete in the server's log.
    static let raiseMax = 1_000_000
}

/// Raises the counter of a znode by creating and deleting a child. Both are in one request, so that nobody sees it.
struct SequenceRaise {
    /// The name of that child, which no other has.
    let childName: String
    /// Steps in one request.
    private let stepsMax: Int

    init(opsMax: Int) {
        childName = "zoosh-counter-" + String(UInt64.random(in: .min ... .max), radix: 16)
        stepsMax = max(1, opsMax / 2)
    }

    /// Changes that raise the counter of `path` by `count`, a list for each request.
    func requests(at path: ZnodePath, count: Int) -> some Sequence<[MultiOp]> {
        let child = path.appending(childName)
        let step: [MultiOp] = [.create(child, data: nil), .delete(child)]
        let bytes = step.reduce(0) { $0 + $1.requestBytes }
        let steps = max(1, min(stepsMax, BulkWriter.requestBytesMax / bytes))
        return stride(from: 0, to: count, by: steps).lazy.map { done in
            Array(repeatElement(step, count: min(steps, count - done)).joined())
        }
    }
}
