internal import ZKClient
internal import ZKCore

/// What the commands of a dry run would have done to the names of znodes, so that those behind them find it so.
struct DryRun: Sendable {
    enum Change {
        case creates(ZnodePath)
        case deletes(ZnodePath)
        case changesData
        /// More than is followed here: the commands behind it cannot be checked.
        case others
    }

    /// Whether it would exist; nil where nothing would have changed.
    private var exists: [ZnodePath: Bool] = [:]
    private(set) var canCheck = true
    private static let countMax = 100_000

    mutating func note(_ change: Change) {
        switch change {
        case .creates(let path): exists[path] = true
        case .deletes(let path): exists[path] = false
        case .changesData: break
        case .others: canCheck = false
        }
        if exists.count > Self.countMax { canCheck = false }
    }

    /// Whether there would be a znode at `path`, where `stat` was read.
    func has(_ path: ZnodePath, _ stat: Stat?) -> Bool { exists[path] ?? (stat != nil) }

    /// Whether the znode `path` has only been made, or made anew, by this dry run.
    func isNew(_ path: ZnodePath) -> Bool { exists[path] != nil }

    func childCount(of path: ZnodePath, _ stat: Stat?) -> Int {
        exists.reduce(Int(stat?.numChildren ?? 0)) { count, entry in
            guard entry.key.parent == path else { return count }
            return count + (entry.value ? 1 : -1)
        }
    }
}

/// What would fail as far as reading can tell. Permissions show only when a change is made.
extension ShellContext {
    func checkCreation(of path: ZnodePath, isSequential: Bool, createsParents: Bool, acceptsExisting: Bool) async throws
    {
        let plan = session.dryRun
        guard plan.canCheck else { return }
        let client = try await client()
        if !isSequential, !acceptsExisting, plan.has(path, try await client.exists(path)) {
            throw ShellError(.nodeExists, "\(path): node already exists", code: .nodeExists, path: path)
        }
        guard !createsParents, let parent = path.parent else { return }
        let stat = try await client.exists(parent)
        guard plan.has(parent, stat) else {
            throw ShellError(
                .noNode, "\(path): parent node \(parent) does not exist; create it first, or create with -p",
                code: .noNode, path: path)
        }
        if let stat, !plan.isNew(parent), EphemeralOwner(rawValue: stat.ephemeralOwner).sessionID != nil {
            throw ShellError(
                .failure, "\(path): an ephemeral node cannot have children; choose another parent",
                code: .noChildrenForEphemerals, path: path)
        }
    }

    /// For commands that create what is missing, and change what is there.
    func checkCreationOrChange(of path: ZnodePath) async throws {
        try await checkCreation(of: path, isSequential: false, createsParents: false, acceptsExisting: true)
    }

    /// - Returns: false when the znode is gone already, and `acceptsMissing`.
    func checkDeletion(of path: ZnodePath, version: Int32?, acceptsMissing: Bool) async throws -> Bool {
        let plan = session.dryRun
        guard plan.canCheck else { return true }
        let stat = try await client().exists(path)
        guard plan.has(path, stat) else {
            if acceptsMissing { return false }
            throw ShellError(.noNode, "\(path): node does not exist", code: .noNode, path: path)
        }
        if let stat, !plan.isNew(path) { try checkVersion(version, of: path, stat) }
        guard plan.childCount(of: path, stat) == 0 else {
            throw ShellError(
                .notEmpty, "\(path): node has children; delete them first, or use deleteall", code: .notEmpty,
                path: path)
        }
        return true
    }

    func checkChange(of path: ZnodePath, version: Int32?, createsMissing: Bool) async throws {
        let plan = session.dryRun
        guard plan.canCheck else { return }
        let stat = try await client().exists(path)
        guard plan.has(path, stat) || createsMissing else {
            throw ShellError(.noNode, "\(path): node does not exist", code: .noNode, path: path)
        }
        if let stat, !plan.isNew(path) { try checkVersion(version, of: path, stat) }
    }

    /// - Throws: ``ShellError`` 7 when the data has another version than the one that is wanted.
    private func checkVersion(_ version: Int32?, of path: ZnodePath, _ stat: Stat) throws(ShellError) {
        guard let version, version != -1, version != stat.version else { return }
        throw ShellError(
            .badVersion, "\(path): the version is \(stat.version), not \(version)", code: .badVersion, path: path)
    }
}

extension ZooKeeperClient {
    /// Nil when there is no such znode.
    func dataIfPresent(_ path: ZnodePath) async throws -> [UInt8]?? {
        do {
            return .some(try await getData(path).data)
        } catch let error as ZooKeeperError where error.code == .noNode {
            return nil
        }
    }
}
