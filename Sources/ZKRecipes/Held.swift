public import ZKClient
public import ZKCore

/// What a recipe granted: a lock, a lease or the leadership, for as long as its ephemeral znode is there.
public struct Held: Sendable {
    let candidacy: Candidacy

    /// The client whose session it is granted to.
    public var client: ZooKeeperClient { candidacy.client }

    /// The znode that stands for it.
    public var path: ZnodePath { candidacy.path }

    /// Never decreases from holder to holder. A holder that was paused beyond its session comes back with an old token:
    /// a resource that remembers the highest token it has seen can refuse it. It is the czxid of ``path``.
    public var fencingToken: Zxid { candidacy.czxid }

    /// Gives it back. Goes through even in a cancelled task, which then waits for it no longer than the recipe's
    /// `cleanupTimeout`; fine when it is lost already. A refusal that passes is no failure: it is tried again.
    public func release() async throws {
        try await candidacy.leave()
    }

    /// Likewise, but waits no longer than `limit`, cancelled or not: whether it is known to be given back by then. If not, that
    /// is tried in the background as long as the session lives, which takes it along when it ends.
    public func release(within limit: Duration) async throws -> Bool {
        let (client, path) = (candidacy.client, path)
        return try await inBackground(limit: limit, limitWhenCancelled: min(limit, candidacy.cleanupTimeout)) {
            try await client.deleteSurely(path)
        } != nil
    }

    /// Returns when it is lost: the znode is deleted, or the session has ended.
    ///
    /// While the connection is down it is not known to be lost, and not known to be held either: the client reports the
    /// session as expired when the ensemble must have ended it.
    public func untilLost() async throws {
        try await candidacy.client.untilGone(path, patience: nil)
    }

    /// Returns when it is lost, or when it may be: the session is uncertain, as the connection is lost or the ensemble has
    /// not answered for two thirds of the session timeout, so that it may end the session without this client knowing.
    ///
    /// Who stops then stops before the next holder begins, as long as the clocks run and the process is not paused.
    ///
    /// - Parameter patience: for how long a lost connection may be found again; not beyond two thirds of the session
    ///   timeout since the ensemble has last answered.
    public func untilUncertain(patience: Duration = .zero) async throws {
        let client = candidacy.client
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await client.untilGone(path, patience: max(patience, client.session.timeout / 4)) }
            group.addTask { try await client.untilUncertain(patience: patience) }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Runs `body` and cancels it when the grant is lost, or uncertain; releases it afterwards in any case.
    ///
    /// - Throws: ``RecipeError/lost(path:)`` when it was lost before `body` ended, ``RecipeError/holdUncertain(path:)`` when
    ///   it was uncertain, even if it was held on after all, else what `body` throws.
    func run<R: Sendable>(
        stopWhen: StopCondition, _ body: @escaping @Sendable (Held) async throws -> R
    ) async throws -> R {
        let part = await withTaskGroup(of: HeldPart<R>.self) { group in
            group.addTask {
                do {
                    return .result(.success(try await body(self)))
                } catch {
                    return .result(.failure(error))
                }
            }
            group.addTask {
                do {
                    switch stopWhen {
                    case .uncertain: try await untilUncertain()
                    case .lost: try await untilLost()
                    }
                    return .stop(isLost: await isLost)
                } catch {
                    // Cancelled, since the body has ended or will; or whether it is held cannot be found out.
                    return .stop(isLost: false)
                }
            }
            var stop: HeldPart<R>?
            while let part = await group.next() {
                if case .result = part {
                    group.cancelAll()
                    return stop ?? part
                }
                // The body is cancelled by the caller's cancellation already, and decides what comes of it.
                if !Task.isCancelled { stop = part }
                group.cancelAll()
            }
            return .result(.failure(CancellationError()))
        }
        switch part {
        case .stop(let isLost):
            await candidacy.abandon()
            throw isLost ? RecipeError.lost(path: path) : RecipeError.holdUncertain(path: path)
        case .result(.failure(let error)):
            await candidacy.abandon()
            throw error
        case .result(.success(let result)):
            try await release()
            return result
        }
    }

    /// Whether it is known to be lost, as far as a server tells it soon.
    private var isLost: Bool {
        get async {
            let (client, path) = (candidacy.client, path)
            if client.isOver { return true }
            guard client.state == .connected else { return false }
            let stat = try? await inBackground(limit: candidacy.cleanupTimeout, limitWhenCancelled: .zero) {
                try await client.exists(path)
            }
            guard let stat else { return false }
            return stat?.ephemeralOwner != client.session.id
        }
    }
}

private enum HeldPart<R: Sendable>: Sendable {
    case result(Result<R, any Error>)
    case stop(isLost: Bool)
}

/// When the body of `withLock`, `withLeadership` and `withLease` is stopped.
public enum StopCondition: Sendable {
    /// As soon as another may hold what it holds: the connection is lost, or the ensemble has not answered for two thirds of
    /// the session timeout.
    case uncertain
    /// Not before it is lost: another may have held it for a while by then.
    case lost
}
