public import ZKCore

/// What a client's session is doing.
public enum SessionState: Sendable, Hashable {
    /// Looking for a server, for the first time or again.
    case connecting
    case connected
    /// Connected to a server that has no quorum and serves only reads.
    case connectedReadOnly
    /// Over: the ensemble has ended the session, or must have: see ``ZooKeeperClient/sessionEnd``. Make a new client.
    case expired
    /// Over: the server has refused credentials.
    case authFailed
    /// Over: ``ZooKeeperClient/close()`` was called.
    case closed

    public var isConnected: Bool { self == .connected || self == .connectedReadOnly }
    public var isOver: Bool { self == .expired || self == .authFailed || self == .closed }
}

/// How a session came to be over.
public enum SessionEnd: Sendable, Hashable {
    /// The ensemble has ended it: its ephemeral znodes are gone.
    case expired
    /// A server has given another session in its place, which was not taken.
    case replaced
    /// The ensemble has not answered for so long that it has ended the session, unless it was down itself: then the
    /// session and its ephemeral znodes live until it does.
    case givenUp(after: Duration)
    /// The server has refused credentials.
    case authFailed(reason: String?)
    /// ``ZooKeeperClient/close()`` was called.
    case closed
    /// It never began, since the configuration cannot be used.
    case unusable(reason: String)
}

/// The session as the ensemble knows it.
public struct SessionInfo: Sendable, Hashable {
    /// 0 until a server has given one.
    public var id: Int64
    /// What proves on a reconnect that the session is ours.
    public var password: [UInt8]
    /// What the server has granted; before the first connect what was asked for.
    public var timeout: Duration
    /// `host:port` of the server, nil while there is none.
    public var server: String?
    /// The newest zxid that a reply has shown. No server that is behind it will be accepted.
    public var lastZxid: Zxid

    public init(id: Int64, password: [UInt8], timeout: Duration, server: String?, lastZxid: Zxid) {
        self.id = id
        self.password = password
        self.timeout = timeout
        self.server = server
        self.lastZxid = lastZxid
    }
}

extension SessionInfo: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Without the password, which is all that somebody needs to take the session over.
    public var description: String {
        let digits = String(UInt64(bitPattern: id), radix: 16)
        return "SessionInfo(id: 0x\(digits), timeout: \(timeout), server: \(server ?? "none"), lastZxid: \(lastZxid))"
    }

    public var debugDescription: String { description }

    public var customMirror: Mirror {
        Mirror(self, children: ["id": id, "timeout": timeout, "server": server as Any, "lastZxid": lastZxid])
    }
}

/// A change of a client's ``SessionState``.
public enum SessionEvent: Sendable, Hashable {
    /// Also after a reconnect: then the ID is the same as before.
    case connected(SessionInfo)
    case connectedReadOnly(SessionInfo)
    /// The connection is lost; the client is looking for another server.
    case disconnected(reason: String)
    case expired
    case authFailed
    case closed
}
