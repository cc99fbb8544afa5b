/// The header of a logged txn, 32 bytes. Source: `TxnHeader` in `zookeeper.jute`.
public struct TxnHeader: Hashable, Sendable {
    /// The session whose request this was; 0 for the server's own.
    public var clientID: Int64
    /// The xid of the request.
    public var cxid: Int32
    public var zxid: Zxid
    /// Milliseconds since 1970.
    public var timeMillis: Int64
    public var type: OpCode

    public init(clientID: Int64, cxid: Int32, zxid: Zxid, timeMillis: Int64, type: OpCode) {
        self.clientID = clientID
        self.cxid = cxid
        self.zxid = zxid
        self.timeMillis = timeMillis
        self.type = type
    }
}

/// The digest of the whole tree after a txn, at the end of its log record.
public struct TxnDigest: Hashable, Sendable {
    /// Of the algorithm: 2 in ZooKeeper 3.6 and later.
    public var version: Int32
    public var treeDigest: Int64

    public init(version: Int32 = 2, treeDigest: Int64) {
        self.version = version
        self.treeDigest = treeDigest
    }
}

/// A change of the tree or of the sessions, as it stands in the txn log: paths are final, ACLs are fixed up, versions
/// are the new ones.
public enum Txn: Hashable, Sendable {
    case createSession(timeoutMillis: Int32)
    /// `paths` is nil in logs of old servers: then the ephemerals of the session are what the tree says.
    case closeSession(paths: [UString]?)
    /// Types create and create2.
    case create(CreateTxn)
    case createContainer(CreateTxn)
    case createTTL(CreateTxn, ttlMillis: Int64)
    /// Types delete and deleteContainer.
    case delete(path: UString)
    /// Types setData and reconfig.
    case setData(path: UString, data: [UInt8]?, version: Int32)
    /// A null list stands for `openUnsafe`.
    case setACL(path: UString, acl: [ACL]?, version: Int32)
    /// Only within a multi.
    case check(path: UString, version: Int32)
    case error(ErrorCode)
    case multi([SubTxn])
}

/// The body of the four create txns.
public struct CreateTxn: Hashable, Sendable {
    public var path: UString
    public var data: [UInt8]?
    /// A null list stands for `openUnsafe`.
    public var acl: [ACL]?
    public var isEphemeral: Bool
    /// The parent's new persisted cversion; -1 where an old log has none.
    public var parentCVersion: Int32

    public init(path: UString, data: [UInt8]?, acl: [ACL]?, isEphemeral: Bool, parentCVersion: Int32) {
        self.path = path
        self.data = data
        self.acl = acl
        self.isEphemeral = isEphemeral
        self.parentCVersion = parentCVersion
    }
}

/// A part of a multi txn.
public struct SubTxn: Hashable, Sendable {
    public var type: OpCode
    public var txn: Txn

    public init(type: OpCode, txn: Txn) {
        self.type = type
        self.txn = txn
    }
}
