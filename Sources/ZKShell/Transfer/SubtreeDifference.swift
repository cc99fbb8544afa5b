internal import ZKClient
internal import ZKCore
internal import ZKText

/// Compares two subtrees, znode by znode.
struct SubtreeDifference {
    enum Aspect: Sendable {
        case data
        case acl
        case stat
    }

    enum Finding: Sendable {
        case onlyInA(ZnodePath)
        case onlyInB(ZnodePath)
        case data(a: ZnodePath, b: ZnodePath, [UInt8]?, [UInt8]?)
        case json(a: ZnodePath, b: ZnodePath, [UInt8]?, [UInt8]?, [JSONDifference])
        case acl(a: ZnodePath, b: ZnodePath, [ACL], [ACL])
        case stat(a: ZnodePath, b: ZnodePath, Stat, Stat)
    }

    var a: ReadTree
    var b: ReadTree
    var isRecursive = true
    var aspect = Aspect.data
    /// Ephemeral znodes count like others; else a path that is ephemeral on one side is left out.
    var includesEphemerals = false
    var excludes = ExcludedPaths()
    /// Data that is JSON on both sides is compared by what it means.
    var comparesJSON = false

    /// Calls `body` for each difference, in the order of a walk through A. A znode that only one side has stands for its
    /// subtree.
    func run(_ body: (Finding) async throws -> Void) async throws {
        var walk = SubtreeWalk(root: a.root, payload: .data, depthMax: isRecursive ? nil : 0)
        walk.leaveOutSystemZnodes()
        if !excludes.isEmpty {
            let (selects, excludes, root) = (walk.selectsChildren, excludes, a.root)
            walk.selectsChildren = { path, children in
                (selects?(path, children) ?? children).filter { !excludes.contains(path.appending($0), below: root) }
            }
        }
        /// The last znode that B has not, or that is left out: what is below it is not told again.
        var missing: ZnodePath?
        try await a.naming {
            try await walk.run(on: a.reader) { znodes in
                var present: [WalkedZnode] = []
                for znode in znodes {
                    if let failure = znode.failure { throw failure }
                    if let missing, znode.path.isEqualOrBelow(missing) { continue }
                    present.append(znode)
                }
                while !present.isEmpty {
                    let lengths = present.lazy.map { $0.znode?.data?.count ?? 0 }
                    let count = SubtreeWalk.batchSize(for: lengths, on: b.reader)
                    try await compare(Array(present.prefix(count)), missing: &missing, body)
                    present.removeFirst(count)
                }
            }
        }
    }

    private func compare(
        _ znodes: [WalkedZnode], missing: inout ZnodePath?, _ body: (Finding) async throws -> Void
    ) async throws {
        guard !znodes.isEmpty else { return }
        let paths = znodes.map { $0.path.rebased(from: a.root, to: b.root) }
        let others = try await b.naming { try await FetchedZnode.fetch(paths, payload: .data, from: b.reader) }
        for (znode, (path, other)) in zip(znodes, zip(paths, others)) {
            if let missing, znode.path.isEqualOrBelow(missing) { continue }
            if !includesEphemerals, znode.depth > 0, znode.isEphemeral || other.znode?.isEphemeral ?? false {
                missing = znode.path
                continue
            }
            guard !other.isGone else {
                missing = znode.path
                try await body(.onlyInA(znode.path))
                continue
            }
            if let failure = other.failure { throw b.named(failure) }
            if let read = znode.znode, let otherRead = other.znode {
                try await compare((znode.path, read), (path, otherRead), body)
            }
            guard isRecursive else { continue }
            let names = Set(znode.children.map(UString.init))
            let others = other.children.filter { name in
                !names.contains(UString(name)) && !(path.isRoot && name == "zookeeper")
                    && !excludes.contains(path.appending(name), below: b.root)
            }
            for path in try await persistent(others.map { path.appending($0) }) { try await body(.onlyInB(path)) }
        }
    }

    /// Those of B that count.
    private func persistent(_ paths: [ZnodePath]) async throws -> [ZnodePath] {
        guard !includesEphemerals, !paths.isEmpty else { return paths }
        var persistent: [ZnodePath] = []
        try await b.naming {
            try await b.reader.forEachStat(of: paths) { index, stat in
                if stat?.ephemeralOwner ?? 0 == 0 { persistent.append(paths[index]) }
            }
        }
        return persistent
    }

    private func compare(
        _ a: (path: ZnodePath, read: ZnodeData), _ b: (path: ZnodePath, read: ZnodeData),
        _ body: (Finding) async throws -> Void
    ) async throws {
        switch aspect {
        case .data:
            guard a.read.data != b.read.data else { return }
            if comparesJSON, let mine = a.read.data.flatMap({ try? JSONValue(parsing: $0) }),
                let other = b.read.data.flatMap({ try? JSONValue(parsing: $0) })
            {
                let found = JSONDifference.all(mine, other)
                if !found.isEmpty {
                    try await body(.json(a: a.path, b: b.path, a.read.data, b.read.data, found))
                }
                return
            }
            try await body(.data(a: a.path, b: b.path, a.read.data, b.read.data))
        case .acl:
            let mine = try await self.a.reader.getACL(a.path).acl
            let other = try await self.b.naming { try await self.b.reader.getACL(b.path).acl }
            if !mine.isLike(other) { try await body(.acl(a: a.path, b: b.path, mine, other)) }
        case .stat:
            guard Self.comparable(a.read.stat) != Self.comparable(b.read.stat) else { return }
            try await body(.stat(a: a.path, b: b.path, a.read.stat, b.read.stat))
        }
    }

    /// Without zxids and times, which differ by nature.
    private static func comparable(_ stat: Stat) -> [Int64] {
        [
            Int64(stat.version), Int64(stat.aversion), Int64(stat.dataLength), Int64(stat.numChildren),
            stat.ephemeralOwner == 0 ? 0 : 1,
        ]
    }
}

extension [ACL] {
    /// Whether they are equal as far as this session can see: a hidden hash may be any.
    func isLike(_ other: [ACL]) -> Bool {
        guard hiddenDigest != nil || other.hiddenDigest != nil else { return self == other }
        return map(\.withoutHash) == other.map(\.withoutHash)
    }
}

extension ACL {
    fileprivate var withoutHash: ACL {
        guard identity.scheme == "digest", let colon = identity.id.string.lastIndex(of: ":") else { return self }
        return ACL(perms: perms, scheme: "digest", id: UString(identity.id.string[..<colon] + ":x"))
    }
}

extension WalkedZnode {
    fileprivate var isEphemeral: Bool { znode?.isEphemeral ?? false }
}

extension ZnodeData {
    fileprivate var isEphemeral: Bool { stat.ephemeralOwner != 0 }
}
