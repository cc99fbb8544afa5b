internal import ZKClient
internal import ZKCore

/// The data of several znodes for a command that takes one after the other, read by a request for many.
struct ReadAhead {
    private let reader: any ZnodeReader
    /// What was not asked for yet.
    private var rest: ArraySlice<ZnodePath>
    private var answers: [ZnodePath: Result<ZnodeData, ZooKeeperError>] = [:]
    private var countMax = SharedReads.countMax

    /// - Parameter paths: in the order in which they will be taken.
    init(of paths: [ZnodePath], on reader: any ZnodeReader) {
        self.reader = reader
        rest = paths[...]
    }

    mutating func data(of path: ZnodePath) async throws -> ZnodeData {
        if answers[path] == nil, rest.first == path, countMax > 1 { await readMore() }
        if let answer = answers.removeValue(forKey: path) { return try answer.get() }
        rest = rest.drop { $0 == path }
        let (data, stat) = try await reader.getData(path)
        return ZnodeData(data: data, stat: stat)
    }

    private mutating func readMore() async {
        let batch = Array(rest.prefix(countMax))
        do {
            answers = Dictionary(zip(batch, try await reader.data(of: batch))) { first, _ in first }
            rest = rest.dropFirst(batch.count)
        } catch {
            // Together they may be more than a reply holds. Each by itself tells what is wrong with it.
            countMax = 1
        }
    }
}
