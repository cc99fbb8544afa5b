internal import ZKClient
internal import ZKCore

extension ZooKeeperClient {
    /// Whether the session has ended, and its ephemerals with it.
    var isOver: Bool {
        switch state {
        case .expired, .authFailed, .closed: true
        case .connecting, .connected, .connectedReadOnly: false
        }
    }

    /// Creates `path` and what is missing above it; fine when it is there.
    func createWithParents(_ path: ZnodePath, data: [UInt8] = [], acl: [ACL]) async throws {
        do {
            try await create(path, data: data, acl: acl)
        } catch let error as ZooKeeperError where error.code == .nodeExists {
            return
        } catch let error as ZooKeeperError where error.code == .noNode {
            guard let parent = path.parent else { throw error }
            try await createWithParents(parent, acl: acl)
            try await createWithParents(path, data: data, acl: acl)
        }
    }

    /// Deletes `path`, again after each connection loss; fine when it is gone.
    func deleteSurely(_ path: ZnodePath) async throws {
        while true {
            do {
                try await delete(path)
                return
            } catch let error as ZooKeeperError where error.code == .noNode || isOver {
                // An ephemeral znode ends with its session.
                return
            } catch let error as ZooKeeperError where error.isOutcomeUnknown || error.code == .operationTimeout {
                continue
            }
        }
    }

    /// Returns when the ephemeral znode of this session is gone, or can no longer be known to be there.
    func untilGone(_ path: ZnodePath) async throws {
        while true {
            let (stat, watch): (Stat?, OneShotWatch)
            do {
                (stat, watch) = try await existsAndWatch(path)
            } catch is ZooKeeperError where !isOver {
                // No connection for now: the session, and with it the znode, may live on.
                try? await waitUntilConnected()
                try Task.checkCancellation()
                continue
            } catch is ZooKeeperError {
                return
            }
            guard let stat, stat.ephemeralOwner == session.id else { return }
            do {
                if try await watch.event().type == .nodeDeleted { return }
            } catch is ZooKeeperError {
                return
            }
        }
    }

    /// Returns when there has been no connection for so long that the ensemble may soon end the session: it was last heard
    /// of two thirds of the session timeout before the client gave the connection up, at worst. Also when the session has
    /// ended.
    func untilSilent() async throws {
        let events = sessionEvents()
        var isDown = state != .connected
        while !isOver {
            if !isDown {
                for await event in events {
                    guard case .connected = event else {
                        isDown = true
                        break
                    }
                }
                try Task.checkCancellation()
                guard isDown else { return }
            }
            do {
                try await waitUntilConnected(timeout: session.timeout / 4)
            } catch is ZooKeeperError {
                return
            }
            // A server without a quorum cannot keep the session alive.
            guard state != .connectedReadOnly else { return }
            isDown = false
        }
    }
}
