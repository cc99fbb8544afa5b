internal import ZKClient
internal import ZKCore

/// A znode of an ensemble with what is below it.
struct LiveTree: Sendable {
    let client: ZooKeeperClient
    let root: ZnodePath
    /// What messages call the ensemble; nil for that of the session.
    var ensemble: String?

    private var chroot: ZnodePath { client.configuration.connectString.chroot ?? .root }

    /// Below no chroot.
    private var absoluteRoot: ZnodePath { root.rebased(from: .root, to: chroot) }

    /// The root as messages name it.
    var name: String { forReading.name }

    /// For what only reads.
    var forReading: ReadTree { ReadTree(reader: client, root: root, place: ensemble) }

    /// Runs `body`, whose errors name the ensemble.
    @discardableResult
    func naming<Value>(_ body: () async throws -> Value) async throws -> Value {
        try await forReading.naming(body)
    }

    func named(_ error: any Error) -> ShellError { forReading.named(error) }

    /// A report whose failures name the ensemble.
    func naming(_ report: WorkReport) -> WorkReport {
        guard ensemble != nil else { return report }
        var named = report
        named.failed = { report.failed(self.named($0)) }
        return named
    }

    // MARK: Overlap

    /// - Throws: ``ShellError`` 2 when one of the two is, or lies in, the other.
    static func refuseOverlap(_ a: LiveTree, _ b: LiveTree) async throws {
        let (pathA, pathB) = (a.absoluteRoot, b.absoluteRoot)
        guard pathA.isEqualOrBelow(pathB) || pathB.isEqualOrBelow(pathA) else { return }
        let (outer, inner) = pathA.isEqualOrBelow(pathB) ? (b, a) : (a, b)
        // The highest znode that both clients can see.
        let place = inner.chroot.isEqualOrBelow(outer.absoluteRoot) ? inner.chroot : outer.absoluteRoot
        guard try await areOneEnsemble(a, b, at: place) else { return }
        throw ShellError.usage("\(inner.name) is \(outer.name) or lies in it: choose another place")
    }

    /// Whether the clients talk to the same ensemble, which may have many names.
    ///
    /// Where none of the names says so, one ensemble has one znode at `path`, and the zxid that the second sees lies between
    /// two that the first sees. Ensembles that were copied from each other share znodes, but not the zxids for long.
    private static func areOneEnsemble(_ a: LiveTree, _ b: LiveTree, at path: ZnodePath) async throws -> Bool {
        if a.client === b.client { return true }
        let (hostsA, hostsB) = (a.client.configuration.connectString.hosts, b.client.configuration.connectString.hosts)
        if !Set(hostsA).isDisjoint(with: hostsB) { return true }
        guard let first = try await a.sighting(of: path), let second = try await b.sighting(of: path),
            let third = try await a.sighting(of: path)
        else { return false }
        return first.stat.czxid == second.stat.czxid && first.stat.ctimeMillis == second.stat.ctimeMillis
            && first.stat.pzxid <= second.stat.pzxid && second.stat.pzxid <= third.stat.pzxid
            && first.zxid <= second.zxid && second.zxid <= third.zxid
    }

    /// What the leader knows of the znode at `path`, which is below no chroot; nil when there is none.
    private func sighting(of path: ZnodePath) async throws -> (stat: Stat, zxid: Zxid)? {
        let path = path.rebased(from: chroot, to: .root)
        return try await naming {
            try await client.sync(path)
            guard let stat = try await client.exists(path) else { return nil }
            return (stat, client.session.lastZxid)
        }
    }
}
