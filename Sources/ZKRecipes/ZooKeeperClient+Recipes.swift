internal import ZKClient
internal import ZKCore

extension ZooKeeperClient {
    /// Whether the session has ended, and its ephemerals with it.
    var isOver: Bool { state.isOver }

    /// Whether it is worth while to ask again: the session lives, and what has failed may not fail the next time.
    func isPassing(_ error: ZooKeeperError) -> Bool {
        // Who never had a session is told why no server can be reached.
        error.isTransient && !isOver && session.id != 0
    }

    /// Does `body` again for as long as it fails for reasons that pass; it must be something that may be done twice.
    func retrying<R>(_ body: () async throws -> R) async throws -> R {
        var pause = RetryPause.ofRecipes
        while true {
            do {
                return try await body()
            } catch let error as ZooKeeperError where isPassing(error) {
                try await pause.sleep()
            }
        }
    }

    /// Creates `path` and what is missing above it; fine when it is there.
    func createWithParents(_ path: ZnodePath, data: [UInt8] = [], acl: [ACL]) async throws {
        do {
            _ = try await retrying { try await create(path, data: data, acl: acl) }
        } catch let error as ZooKeeperError where error.code == .nodeExists {
            return
        } catch let error as ZooKeeperError where error.code == .noNode {
            guard let parent = path.parent else { throw error }
            try await createWithParents(parent, acl: acl)
            // Again once: a server that always misses something would have this go on for ever.
            do {
                _ = try await retrying { try await create(path, data: data, acl: acl) }
            } catch let error as ZooKeeperError where error.code == .nodeExists {
                return
            }
        }
    }

    /// Creates an ephemeral znode whose name nobody else uses; its czxid. Fine when an earlier try has created it.
    func createOwn(_ path: ZnodePath, data: [UInt8] = [], acl: [ACL]) async throws -> Zxid {
        while true {
            do {
                return try await retrying {
                    try await createWithStat(path, data: data, mode: .ephemeral, acl: acl)
                }.stat.czxid
            } catch let error as ZooKeeperError where error.code == .nodeExists {
                if let stat = try await retrying({ try await exists(path) }) { return stat.czxid }
            }
        }
    }

    /// Deletes `path`, again after each refusal that passes; fine when it is gone.
    func deleteSurely(_ path: ZnodePath) async throws {
        do {
            try await retrying { try await delete(path) }
        } catch let error as ZooKeeperError where error.code == .noNode || isOver {
            // An ephemeral znode ends with its session.
        }
    }

    /// Likewise, for one who has something else to report: waits for it no longer than `limit`. It goes on as long as the
    /// session lives.
    func deleteInBackground(_ paths: ZnodePath..., limit: Duration) async {
        _ = try? await inBackground(limit: limit, limitWhenCancelled: limit) {
            await withTaskGroup(of: Void.self) { group in
                for path in paths { group.addTask { try? await self.deleteSurely(path) } }
            }
        }
    }

    /// Returns when the ephemeral znode of this session is gone, or can no longer be known to be there.
    ///
    /// - Parameter patience: for how long it may fail to be known, with a connection; nil for as long as the session lives.
    func untilGone(_ path: ZnodePath, patience: Duration?) async throws {
        var pause = RetryPause.ofRecipes
        var unknownSince: ContinuousClock.Instant?
        while true {
            let (stat, watch): (Stat?, OneShotWatch)
            do {
                (stat, watch) = try await existsAndWatch(path)
            } catch is ZooKeeperError where !isOver {
                // No connection for now, or a server that does not answer: session and znode may live on.
                let since = unknownSince ?? .now
                unknownSince = since
                if let patience, state.isConnected, .now - since > patience { return }
                try await pause.sleep()
                continue
            } catch is ZooKeeperError {
                return
            }
            unknownSince = nil
            pause.reset()
            guard let stat, stat.ephemeralOwner == session.id else { return }
            do {
                if try await watch.event().type == .nodeDeleted { return }
            } catch is ZooKeeperError {
                return
            }
        }
    }

    /// Returns when the session is uncertain for longer than a lost connection may last, or over.
    func untilUncertain(patience: Duration) async throws {
        while true {
            try await untilUncertain()
            let since = ContinuousClock.now
            repeat {
                guard patience > .zero, !isOver, let expiry = earliestExpiry else { return }
                let end = min(since + patience, expiry - session.timeout / 3)
                guard .now < end else { return }
                do {
                    try await waitUntilConnected(timeout: end - .now)
                } catch is ZooKeeperError {
                    return
                }
                // A server without a quorum cannot keep the session alive.
                guard state != .connectedReadOnly else { return }
                // It may be told of the connection that was lost before it is known to be.
                if isUncertain { try await Task.sleep(for: .milliseconds(10)) }
            } while isUncertain
        }
    }
}

extension RetryPause {
    static var ofRecipes: Self { Self(shortest: .milliseconds(20), longest: .seconds(1)) }
}
