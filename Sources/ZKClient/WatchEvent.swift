public import ZKCore

/// A change that a watch has seen.
public struct WatchEvent: Sendable, Hashable {
    public var type: EventType
    public var state: KeeperState
    /// Relative to the chroot; paths below `/zookeeper` are as the server has them.
    public var path: ZnodePath
    /// The zxid of the change. Nil from servers before 3.9, and for a change that was found after a reconnect.
    public var zxid: Zxid?
    /// Counts what the clients of this process were told. A change that sets off several watches of one client has the
    /// same number in each, so that who reads several can take it once.
    public var ordinal: UInt64

    public init(type: EventType, state: KeeperState, path: ZnodePath, zxid: Zxid?, ordinal: UInt64) {
        self.type = type
        self.state = state
        self.path = path
        self.zxid = zxid
        self.ordinal = ordinal
    }
}

/// An element of a ``WatchSequence``.
public enum WatchNotification: Sendable, Hashable {
    case event(WatchEvent)
    /// The watch is armed again after a gap: the connection was lost, or more events came than the sequence holds.
    /// Changes in between may be missing, so read what you depend on.
    case resumed
}

/// A watch that this client has armed.
public struct ArmedWatch: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        /// One-shot, of the data (or the disappearance) of a znode.
        case data
        /// One-shot, of the creation of a znode.
        case exist
        /// One-shot, of the list of children.
        case children
        case persistent
        case persistentRecursive
    }

    public var path: ZnodePath
    public var kind: Kind

    public init(path: ZnodePath, kind: Kind) {
        self.path = path
        self.kind = kind
    }
}
