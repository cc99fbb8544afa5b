internal import ZKRecipes

extension ShellContext {
    /// Runs `body`, but not longer than `timeout`. What it has got when the time is over is its result all the same.
    ///
    /// - Parameter timeout: nil: as long as it takes.
    /// - Throws: ``ShellError`` 124 with `message` when the time is over.
    func withTimeout<Value: Sendable>(
        _ timeout: Duration?, _ message: String, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        guard let value = try await withDeadline(timeout, body) else { throw ShellError(.timeout, message) }
        return value
    }
}
