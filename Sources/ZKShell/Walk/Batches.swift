internal import ZKClient
internal import ZKCore

/// Reads many znodes with a window of requests.
enum Batches {
    private static let batchCount = 64
    private static let requestsMax = 8

    /// Calls `body` with the index of each path, in order, and the stat of its znode; nil when it does not exist.
    static func stats(
        of paths: [ZnodePath], on reader: any ZnodeReader, _ body: (Int, Stat?) throws -> Void
    ) async throws {
        try await forEach(paths, read: { try await stats(of: $0, on: reader) }, body)
    }

    /// Calls `body` with the index of each path, in order, and its data; nil when it does not exist.
    static func data(
        of paths: [ZnodePath], on reader: any ZnodeReader,
        _ body: (Int, Result<ZnodeData, ZooKeeperError>) throws -> Void
    ) async throws {
        try await forEach(paths, read: { try await reader.data(of: $0) }, body)
    }

    private static func stats(of paths: [ZnodePath], on reader: any ZnodeReader) async throws -> [Stat?] {
        try await withThrowingTaskGroup(of: (Int, Stat?).self) { group in
            for (index, path) in paths.enumerated() {
                group.addTask { (index, try await reader.exists(path)) }
            }
            var stats = [Stat?](repeating: nil, count: paths.count)
            for try await (index, stat) in group { stats[index] = stat }
            return stats
        }
    }

    private static func forEach<Value: Sendable>(
        _ paths: [ZnodePath], read: @escaping @Sendable ([ZnodePath]) async throws -> [Value],
        _ body: (Int, Value) throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: (start: Int, values: [Value]).self) { group in
            var next = 0
            var delivered = 0
            var waiting: [Int: [Value]] = [:]
            func addTask() {
                guard next < paths.count else { return }
                let start = next
                let batch = Array(paths[start..<min(start + batchCount, paths.count)])
                next += batch.count
                group.addTask { (start, try await read(batch)) }
            }
            for _ in 0..<requestsMax { addTask() }
            while let (start, values) = try await group.next() {
                waiting[start] = values
                while let values = waiting.removeValue(forKey: delivered) {
                    for (index, value) in values.enumerated() { try body(delivered + index, value) }
                    delivered += values.count
                }
                addTask()
            }
        }
    }
}

extension Duration {
    var milliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
