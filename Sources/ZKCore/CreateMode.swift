/// The kind of a new znode. Raw values are the flags of the create requests. Source: `CreateMode`.
public enum CreateMode: Int32, Hashable, Sendable, CaseIterable {
    case persistent = 0
    /// Deleted by the server when the session that created it ends. Has no children.
    case ephemeral = 1
    /// Ten digits, counted by the parent, are appended to the name.
    case persistentSequential = 2
    case ephemeralSequential = 3
    /// Deleted by the server some time after its last child is gone.
    case container = 4
    /// Deleted by the server when it has no children and was not changed for its TTL.
    case persistentWithTTL = 5
    case persistentSequentialWithTTL = 6

    public var isEphemeral: Bool { self == .ephemeral || self == .ephemeralSequential }

    public var isSequential: Bool {
        self == .persistentSequential || self == .ephemeralSequential || self == .persistentSequentialWithTTL
    }

    public var isContainer: Bool { self == .container }

    public var hasTTL: Bool { self == .persistentWithTTL || self == .persistentSequentialWithTTL }
}
