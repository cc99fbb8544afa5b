/// What happened to a znode, or to the session. Raw values are the wire's. Source: `Watcher.Event.EventType`.
public struct EventType: RawRepresentable, Hashable, Sendable {
    public let rawValue: Int32

    public init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// The event is about the session: its state says more.
    public static let none = Self(rawValue: -1)
    public static let nodeCreated = Self(rawValue: 1)
    public static let nodeDeleted = Self(rawValue: 2)
    public static let nodeDataChanged = Self(rawValue: 3)
    public static let nodeChildrenChanged = Self(rawValue: 4)
    public static let dataWatchRemoved = Self(rawValue: 5)
    public static let childWatchRemoved = Self(rawValue: 6)
    public static let persistentWatchRemoved = Self(rawValue: 7)
}

extension EventType: CustomStringConvertible {
    /// The name that the Java client prints, such as `NodeDataChanged`.
    public var description: String {
        switch self {
        case .none: "None"
        case .nodeCreated: "NodeCreated"
        case .nodeDeleted: "NodeDeleted"
        case .nodeDataChanged: "NodeDataChanged"
        case .nodeChildrenChanged: "NodeChildrenChanged"
        case .dataWatchRemoved: "DataWatchRemoved"
        case .childWatchRemoved: "ChildWatchRemoved"
        case .persistentWatchRemoved: "PersistentWatchRemoved"
        default: "Unknown(\(rawValue))"
        }
    }
}

/// The state of the session in a watch event. Source: `Watcher.Event.KeeperState`.
public struct KeeperState: RawRepresentable, Hashable, Sendable {
    public let rawValue: Int32

    public init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    public static let disconnected = Self(rawValue: 0)
    public static let syncConnected = Self(rawValue: 3)
    public static let authFailed = Self(rawValue: 4)
    public static let connectedReadOnly = Self(rawValue: 5)
    public static let saslAuthenticated = Self(rawValue: 6)
    public static let closed = Self(rawValue: 7)
    public static let expired = Self(rawValue: -112)
}

extension KeeperState: CustomStringConvertible {
    public var description: String {
        switch self {
        case .disconnected: "Disconnected"
        case .syncConnected: "SyncConnected"
        case .authFailed: "AuthFailed"
        case .connectedReadOnly: "ConnectedReadOnly"
        case .saslAuthenticated: "SaslAuthenticated"
        case .closed: "Closed"
        case .expired: "Expired"
        default: "Unknown(\(rawValue))"
        }
    }
}

/// The mode of a watch that stays armed. Source: `AddWatchMode`.
public enum AddWatchMode: Int32, Hashable, Sendable {
    /// Events of the znode and of its list of children.
    case persistent = 0
    /// Events of the znode and of all its descendants; never ``EventType/nodeChildrenChanged``.
    case persistentRecursive = 1
}

/// The kind of watches that removeWatches is about. Source: `Watcher.WatcherType`.
public enum WatcherType: Int32, Hashable, Sendable, CaseIterable {
    case children = 1
    case data = 2
    case any = 3
    case persistent = 4
    case persistentRecursive = 5
}
