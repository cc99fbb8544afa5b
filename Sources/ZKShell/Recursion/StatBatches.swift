internal import ZKClient
internal import ZKCore

extension ZnodeReader {
    /// Calls `body` with the index of each path, in order, and the stat of its znode; nil when it does not exist.
    func forEachStat<Paths: RandomAccessCollection>(
        of paths: Paths, _ body: (Int, Stat?) throws -> Void
    ) async throws where Paths.Element == ZnodePath, Paths.Index == Int {
        var start = 0
        while start < paths.count {
            let batch = paths[start..<min(start + 1024, paths.count)]
            let answers = try await each(of: Array(batch)) { try await self.exists($0) }
            for (offset, answer) in answers.enumerated() { try body(start + offset, try? answer.get()) }
            start += batch.count
        }
    }
}
