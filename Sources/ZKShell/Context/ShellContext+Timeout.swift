extension ShellContext {
    /// Runs `body`, but not longer than `timeout`.
    ///
    /// - Parameter timeout: nil: as long as it takes.
    /// - Throws: ``ShellError`` 124 with `message` when the time is over.
    func withTimeout<Value: Sendable>(
        _ timeout: Duration?, _ message: String, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        guard let timeout else { return try await body() }
        return try await withThrowingTaskGroup(of: Value.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await Task.sleep(for: timeout)
                throw ShellError(.timeout, message)
            }
            defer { group.cancelAll() }
            guard let value = try await group.next() else { throw CancellationError() }
            return value
        }
    }
}
