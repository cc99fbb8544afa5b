internal import ZKClient
internal import ZKCore

/// The quota of a subtree, which ZooKeeper keeps below `/zookeeper/quota`.
struct Quota<Reader: ZnodeReader>: Sendable {
    private static var root: ZnodePath { ZnodePath(unchecked: "/zookeeper/quota") }
    private static var limitsName: String { "zookeeper_limits" }
    private static var usageName: String { "zookeeper_stats" }

    private let client: Reader
    private let path: ZnodePath
    private let quotaPath: ZnodePath

    /// - Throws: ``ShellError`` 10 below a chroot, where the servers look for no quota.
    init(on client: Reader, path: ZnodePath) throws(ShellError) {
        if let client = client as? ZooKeeperClient, let chroot = client.configuration.connectString.chroot,
            !chroot.isRoot
        {
            throw ShellError(
                .refused,
                "\(path): below the chroot \(chroot) there are no quotas, since servers look for them below their own "
                    + "/zookeeper/quota; connect without the chroot and name \(Self.absolute(path, below: chroot))",
                path: path)
        }
        self.client = client
        self.path = path
        quotaPath = path.components.reduce(Self.root) { $0.appending($1) }
    }

    private static func absolute(_ path: ZnodePath, below chroot: ZnodePath) -> ZnodePath {
        path.components.reduce(chroot) { $0.appending($1) }
    }

    /// - Throws: ``ShellError`` 10 for a znode whose quota no server can read, or survives.
    func checkCanBeLimited() throws(ShellError) {
        if path.isRoot {
            throw ShellError(
                .refused, "/: the root cannot have a quota: an Apache server that is given one ends for good",
                path: path)
        }
        guard !path.isEqualOrBelow(ZnodePath(unchecked: "/zookeeper")) else {
            throw ShellError(.failure, "\(path): /zookeeper cannot have a quota", path: path)
        }
        if let reason = FatalWrite.refusal(.create(limitsPath, data: Array(QuotaLimits().text.utf8))) {
            throw ShellError(.refused, "\(limitsPath): \(reason)", path: path)
        }
    }

    var limitsPath: ZnodePath { quotaPath.appending(Self.limitsName) }
    private var usagePath: ZnodePath { quotaPath.appending(Self.usageName) }

    /// Nil when there is no quota.
    func read() async throws -> (limits: QuotaLimits, usage: QuotaLimits)? {
        do {
            let limits = try await client.getData(limitsPath).data ?? []
            let usage = try await client.getData(usagePath).data ?? []
            return (QuotaLimits(limits), QuotaLimits(usage))
        } catch let error as ZooKeeperError where error.code == .noNode {
            return nil
        }
    }

    /// The znodes of the subtree that have a quota.
    func pathsWithQuota() async throws -> [ZnodePath] {
        var found: [ZnodePath] = []
        do {
            try await SubtreeWalk(root: quotaPath).run(on: client) { znodes in
                for znode in znodes where znode.path.name == Self.limitsName {
                    if let parent = znode.path.parent { found.append(Self.znode(ofQuota: parent)) }
                }
            }
        } catch let error as ShellError where error.code == .noNode {
            return []
        }
        return found
    }

    private static func znode(ofQuota path: ZnodePath) -> ZnodePath {
        path == root ? .root : ZnodePath(unchecked: String(path.string.dropFirst(root.string.count)))
    }
}

extension Quota where Reader == ZooKeeperClient {
    /// Sets the limits that `change` has and returns all that are in force now, and what is used.
    func set(_ change: QuotaLimits) async throws -> (limits: QuotaLimits, usage: QuotaLimits) {
        try checkCanBeLimited()
        guard try await client.exists(path) != nil else {
            throw ShellError(.noNode, "\(path): node does not exist", code: .noNode, path: path)
        }
        try await refuseOverlap()
        let exists = try await self.change { $0.apply(change) }
        if !exists {
            try await client.createParents(of: limitsPath)
            // The server counts what is there already when the limits come into being, and writes it over this.
            try await client.create(limitsPath, data: Array(change.text.utf8))
            do {
                try await client.create(usagePath, data: Array("count=0,bytes=0".utf8))
            } catch let error as ZooKeeperError where error.code == .nodeExists {
                // Left over from a quota that somebody has half deleted.
            }
        }
        guard let result = try await read() else {
            throw ShellError(.failure, "\(path): somebody else has deleted the quota meanwhile", path: path)
        }
        return result
    }

    /// Changes the limits; false when there is no quota.
    func change(_ body: (inout QuotaLimits) -> Void) async throws -> Bool {
        while true {
            do {
                let (data, stat) = try await client.getData(limitsPath)
                var limits = QuotaLimits(data ?? [])
                body(&limits)
                try await client.setData(limitsPath, data: Array(limits.text.utf8), version: stat.version)
                return true
            } catch let error as ZooKeeperError where error.code == .noNode {
                return false
            } catch let error as ZooKeeperError where error.code == .badVersion {
                continue
            }
        }
    }

    /// Removes the quota and what led only to it; false when there is none.
    func delete() async throws -> Bool {
        guard try await client.exists(limitsPath) != nil else { return false }
        for name in try await client.getChildren(quotaPath) where name == Self.limitsName || name == Self.usageName {
            try await client.delete(quotaPath.appending(name))
        }
        var emptied = quotaPath
        while emptied != Self.root, let parent = emptied.parent {
            do {
                try await client.delete(emptied)
            } catch let error as ZooKeeperError where error.code == .notEmpty || error.code == .noNode {
                break
            }
            emptied = parent
        }
        return true
    }

    /// The servers look only at the nearest quota above a znode, so two on one line would make one of them void.
    private func refuseOverlap() async throws {
        if let below = try await pathsWithQuota().first(where: { $0 != path }) {
            throw ShellError(.failure, "\(path) has a child \(below) which has a quota", path: path)
        }
        var ancestor = path.parent
        while let above = ancestor, !above.isRoot {
            if try await client.exists(try Quota(on: client, path: above).limitsPath) != nil {
                throw ShellError(.failure, "\(path) has a parent \(above) which has a quota", path: path)
            }
            ancestor = above.parent
        }
    }
}
