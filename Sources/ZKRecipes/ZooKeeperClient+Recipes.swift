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
}
