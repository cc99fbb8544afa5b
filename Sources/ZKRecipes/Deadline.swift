internal import ZKClient
internal import ZKCore

/// Runs `body`, and cancels it when `timeout` is over first; nil when it gave up for that.
///
/// What `body` has got in spite of its cancellation is its result: nothing that was taken is lost.
package func withDeadline<R: Sendable>(
    _ timeout: Duration?, _ body: @escaping @Sendable () async throws -> R
) async throws -> R? {
    guard let timeout else { return try await body() }
    return try await withThrowingTaskGroup(of: TimedPart<R>.self) { group in
        group.addTask {
            do {
                return .result(.success(try await body()))
            } catch {
                return .result(.failure(error))
            }
        }
        group.addTask {
            // Cancelled, it says too soon that the time is over: asked for below.
            try? await Task.sleep(for: timeout)
            return .isOver
        }
        var isOver = false
        while let part = try await group.next() {
            switch part {
            case .isOver:
                isOver = !Task.isCancelled
                group.cancelAll()
            case .result(let result):
                group.cancelAll()
                do {
                    return try result.get()
                } catch is CancellationError where isOver && !Task.isCancelled {
                    return nil
                } catch let error as ZooKeeperError where isOver && error.isTransient {
                    return nil
                }
            }
        }
        throw CancellationError()
    }
}

private enum TimedPart<R: Sendable>: Sendable {
    case result(Result<R, any Error>)
    case isOver
}

extension Duration {
    /// How long one who does not wait for others may take to find out that it need not.
    static let oneLook = Self.seconds(5)
}

/// Runs what gets a grant within `timeout`, which bounds all of it: entering, waiting and finding out. A timeout of zero
/// means not to wait for others: then `body` is told so, and the requests alone have some seconds.
///
/// - Throws: ``RecipeError/timedOut(path:)``
func acquiring<R: Sendable>(
    _ path: ZnodePath, within timeout: Duration?, _ body: @escaping @Sendable (_ waits: Bool) async throws -> R?
) async throws -> R {
    let waits = timeout.map { $0 > .zero } ?? true
    let result = try await withDeadline(waits ? timeout : .oneLook) { try await body(waits) }
    guard let result, let result else { throw RecipeError.timedOut(path: path) }
    return result
}
