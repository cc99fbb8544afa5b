public import ZKCore

/// What a recipe granted: a lock, a lease or the leadership, for as long as its ephemeral znode is there.
public struct Held: Sendable {
    let candidacy: Candidacy

    /// The znode that stands for it.
    public var path: ZnodePath { candidacy.path }

    /// Never decreases from holder to holder. A holder that was paused beyond its session comes back with an old token:
    /// a resource that remembers the highest token it has seen can refuse it. It is the czxid of ``path``.
    public var fencingToken: Zxid { candidacy.czxid }

    /// Gives it back. Goes through even in a cancelled task; fine when it is lost already.
    public func release() async throws {
        try await candidacy.leave()
    }

    /// Returns when it is lost: the znode is deleted, or the session has ended.
    ///
    /// While the connection is down it is not known to be lost, and not known to be held either: the client reports the
    /// session as expired when the ensemble must have ended it.
    public func untilLost() async throws {
        try await candidacy.client.untilGone(path)
    }

    /// Returns when it is lost, or when it may be: the connection has been down for a quarter of the session timeout, so
    /// that the ensemble may soon end the session without this client knowing.
    ///
    /// Who stops then stops before the next holder begins, as long as the clocks run and the process is not paused.
    public func untilUncertain() async throws {
        let client = candidacy.client
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await client.untilGone(path) }
            group.addTask { try await client.untilSilent() }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Runs `body` and cancels it when the grant is lost; releases it afterwards in any case.
    ///
    /// - Throws: ``RecipeError/lost(path:)`` when it was lost before `body` ended, else what `body` throws.
    func run<R: Sendable>(_ body: @escaping @Sendable (Held) async throws -> R) async throws -> R {
        do {
            let result = try await withThrowingTaskGroup(of: R?.self) { group in
                group.addTask { try await body(self) }
                group.addTask {
                    try await untilLost()
                    return nil
                }
                defer { group.cancelAll() }
                return try await group.next() ?? nil
            }
            guard let result else { throw RecipeError.lost(path: path) }
            try await release()
            return result
        } catch {
            try await release()
            throw error
        }
    }
}
