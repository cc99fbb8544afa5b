public import ZKClient
public import ZKCore

/// Visits a subtree in the order of zkCli's `ls -R`: parents before their children, siblings by name.
///
/// The lists of children that come next are asked for ahead, several in a request and several requests at a time, so
/// the walk goes at the speed of the server and not of the round trips. Memory holds the names that are still to be
/// visited, and no more.
public struct TreeWalk: Sendable {
    /// A znode that was reached.
    public struct Entry: Sendable {
        public var path: ZnodePath
        /// 0 for the root of the walk.
        public var depth: Int
        /// Nil at the largest depth, whose znodes are not asked for their children.
        public var childCount: Int?
        /// Why the children could not be listed; they are left out then.
        public var failure: ZooKeeperError?
    }

    public enum Order: Sendable {
        case parentsFirst
        /// As deleting needs it.
        case childrenFirst
    }

    private let root: ZnodePath
    private let reader: any ZnodeReader
    private let depthMax: Int
    private let order: Order
    private let skipped: Set<ZnodePath>

    /// - Parameter depthMax: nil for the whole subtree; 0 is the root alone.
    /// - Parameter skipping: subtrees that are left out, such as `/zookeeper`.
    public init(
        root: ZnodePath, on reader: any ZnodeReader, depthMax: Int? = nil, order: Order = .parentsFirst,
        skipping: Set<ZnodePath> = []
    ) {
        self.root = root
        self.reader = reader
        self.depthMax = depthMax ?? .max
        self.order = order
        skipped = skipping
    }

    /// Znodes in one request, and requests at a time.
    private static let batchCount = 128
    private static let requestsMax = 8

    /// - Throws: what the root fails with, what `body` throws, and failures of the connection. A znode below the root
    ///   that has vanished meanwhile is left out.
    public func forEach(_ body: (Entry) async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Answer.self) { group in
            var walk = Walk(root: root, depthMax: depthMax, order: order, skipped: skipped)
            var underWay: [Int: [Walk.Znode]] = [:]
            var nextRequest = 0
            while true {
                while underWay.count < Self.requestsMax {
                    let batch = walk.takeUnasked(limit: Self.batchCount)
                    if batch.isEmpty { break }
                    let (number, paths, reader) = (nextRequest, batch.map(\.path), reader)
                    underWay[number] = batch
                    nextRequest += 1
                    group.addTask { Answer(number: number, lists: try await reader.children(of: paths)) }
                    // Small requests get a slow walk going; a full one says that there is much to do.
                    if batch.count < Self.batchCount { break }
                }
                while let entry = walk.nextReached() {
                    if entry.depth == 0, let failure = entry.failure { throw failure }
                    try await body(entry)
                }
                if walk.isFinished { return }
                guard let answer = try await group.next() else { continue }
                let batch = underWay.removeValue(forKey: answer.number) ?? []
                for (znode, list) in zip(batch, answer.lists) { walk.take(list, for: znode) }
            }
        }
    }

    private struct Answer: Sendable {
        let number: Int
        let lists: [Result<[String], ZooKeeperError>]
    }
}
