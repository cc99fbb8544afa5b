public import ZKCore

/// A part of a ``ZooKeeperClient/multi(_:)``.
public enum MultiOp: Sendable, Hashable {
    case create(
        ZnodePath, data: [UInt8]? = [], mode: CreateMode = .persistent, acl: [ACL] = .openUnsafe, ttl: Duration? = nil)
    case delete(ZnodePath, version: Int32 = -1)
    case setData(ZnodePath, data: [UInt8]?, version: Int32 = -1)
    /// Fails the multi when the znode is missing or has another version.
    case check(ZnodePath, version: Int32)

    public var path: ZnodePath {
        switch self {
        case .create(let path, data: _, mode: _, acl: _, ttl: _): path
        case .delete(let path, version: _): path
        case .setData(let path, data: _, version: _): path
        case .check(let path, version: _): path
        }
    }
}

/// What one ``MultiOp`` has given.
public enum MultiResult: Sendable, Hashable {
    /// The stat is there for container and TTL znodes: the protocol has none for the others.
    case create(path: ZnodePath, stat: Stat?)
    case delete
    case setData(Stat)
    case check
}

/// A part of a ``ZooKeeperClient/multiRead(_:)``.
public enum ReadOp: Sendable, Hashable {
    case getData(ZnodePath)
    case getChildren(ZnodePath)

    public var path: ZnodePath {
        switch self {
        case .getData(let path), .getChildren(let path): path
        }
    }
}

/// What one ``ReadOp`` has given.
public enum ReadResult: Sendable, Hashable {
    case data([UInt8]?, Stat)
    case children([String])
}
