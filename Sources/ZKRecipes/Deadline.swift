internal import ZKCore

/// Runs `body`, and cancels it when `timeout` is over first; nil when it was.
func withDeadline<R: Sendable>(
    _ timeout: Duration?, _ body: @escaping @Sendable () async throws -> R
) async throws -> R? {
    guard let timeout else { return try await body() }
    return try await withThrowingTaskGroup(of: R?.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await Task.sleep(for: timeout)
            return nil
        }
        defer { group.cancelAll() }
        return try await group.next() ?? nil
    }
}
