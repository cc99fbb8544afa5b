internal import ZKClient
internal import ZKCore

/// Walks a subtree, each znode before its children, children in the order of zkCli's `ls`.
///
/// Several requests for many znodes each are on their way at any time, those for the znodes that are handed out next
/// first. Memory holds the names that are known and not handed out, and at most some ten thousand read znodes.
struct SubtreeWalk {
    var root: ZnodePath
    var payload = WalkPayload.names
    /// Levels below the root to go down.
    var depthMax: Int?
    /// Says which children of a znode the walk goes on to.
    var selectsChildren: (@Sendable (ZnodePath, [String]) -> [String])?

    private static let requestsMax = 8
    private static let readyMax = 16_384
    /// Bytes of data that one request should bring at most.
    private static let replyBytesMax = 2 << 20
    /// Times the largest data of a znode by default, a reply is still smaller than the client's limit.
    static let dataBatchMax = 48

    init(root: ZnodePath, payload: WalkPayload = .names, depthMax: Int? = nil) {
        self.root = root
        self.payload = payload
        self.depthMax = depthMax
    }

    private static let batchMax = 128
    /// Up to this length, the stats of many znodes with their data cost less than a request for each stat.
    private static let smallDataBytesMax = 4096

    private struct Answer: Sendable {
        var number: Int
        var fetched: [FetchedZnode]
    }

    /// Hands out the znodes, several at a time.
    ///
    /// A znode that vanishes during the walk is left out. One that must not be read is handed out with its failure.
    ///
    /// - Returns: how many znodes were handed out.
    /// - Throws: ``ShellError`` 4 when there is no root; 9 that says how far the walk came when the connection breaks;
    ///   what `body` throws; `CancellationError`.
    @discardableResult
    func run(on reader: any ZnodeReader, _ body: ([WalkedZnode]) async throws -> Void) async throws -> Int {
        var handedOut = 0
        do {
            try await walk(on: reader) { znodes in
                try await body(znodes)
                handedOut += znodes.count
            }
        } catch let error as ZooKeeperError where handedOut > 0 {
            let cause = ShellError(error)
            throw ShellError(
                .partialFailure, "\(root): stopped after \(handedOut) znodes: \(cause.message)", code: error.code,
                path: root)
        }
        return handedOut
    }

    private func walk(
        on reader: any ZnodeReader, _ body: ([WalkedZnode]) async throws -> Void
    ) async throws {
        var list = WalkList(root: root, depthMax: depthMax, skipsLastLevel: payload == .names)
        var inFlight: [Int: [WalkList.Piece]] = [:]
        var number = 0
        var batchSize = payload == .names ? Self.batchMax : 8
        var statsComeWithData = false
        try await withThrowingTaskGroup(of: Answer.self) { group in
            while true {
                try Task.checkCancellation()
                while inFlight.count < Self.requestsMax, list.readyCount < Self.readyMax {
                    let pieces = list.takeUnread(batchSize)
                    guard !pieces.isEmpty else { break }
                    inFlight[number] = pieces
                    let paths = pieces.flatMap(\.paths)
                    let (selects, batch) = (selectsChildren, number)
                    let (wanted, payload) = (payload, statsComeWithData ? .data : payload)
                    // Immediate: the request takes its place in the queue before the next one does.
                    group.addImmediateTask {
                        var fetched = try await FetchedZnode.fetch(paths, payload: payload, from: reader)
                        if wanted == .stat {
                            for index in fetched.indices { fetched[index].znode?.data = nil }
                        }
                        if let selects {
                            for (index, path) in paths.enumerated() {
                                fetched[index].children = selects(path, fetched[index].children)
                            }
                        }
                        return Answer(number: batch, fetched: fetched)
                    }
                    number += 1
                }
                guard !inFlight.isEmpty else { break }
                guard let answer = try await group.next(), let pieces = inFlight.removeValue(forKey: answer.number)
                else { break }
                switch payload {
                case .names: break
                case .data: batchSize = Self.batchSize(after: answer.fetched, bytesMax: reader.answerBytesMax / 2)
                case .stat:
                    let largest = answer.fetched.lazy.map { Int($0.znode?.stat.dataLength ?? 0) }.max() ?? 0
                    statsComeWithData = largest <= Self.smallDataBytesMax
                    batchSize = statsComeWithData ? Self.dataBatchMax : Self.batchMax
                }
                var offset = 0
                for piece in pieces {
                    list.fill(piece, with: answer.fetched[offset..<offset + piece.paths.count])
                    offset += piece.paths.count
                }
                while true {
                    let ready = list.takeReady()
                    guard let first = ready.first else { break }
                    if first.depth == 0, let failure = first.failure { throw ShellError(failure) }
                    try Task.checkCancellation()
                    try await body(ready)
                }
            }
        }
    }

    /// How many znodes to read at once, judged by the largest data that came last.
    private static func batchSize(after fetched: [FetchedZnode], bytesMax: Int) -> Int {
        let largest = fetched.lazy.map { $0.znode?.data?.count ?? 0 }.max() ?? 0
        return max(1, min(dataBatchMax, min(replyBytesMax, bytesMax) / max(1, largest)))
    }

    /// The first of `lengths` whose data can be read at once, when it is about as long as that.
    static func batchSize(for lengths: some Sequence<Int>, on reader: any ZnodeReader) -> Int {
        let bytesMax = min(replyBytesMax, reader.answerBytesMax / 2)
        var bytes = 0
        var count = 0
        for length in lengths {
            bytes += length
            if count == dataBatchMax || count > 0 && bytes > bytesMax { break }
            count += 1
        }
        return count
    }
}

extension SubtreeWalk {
    /// Leaves out `/zookeeper`, which belongs to the server.
    mutating func leaveOutSystemZnodes() {
        guard root.isRoot else { return }
        selectsChildren = { path, children in
            path.isRoot ? children.filter { $0 != "zookeeper" } : children
        }
    }
}
