/// The metadata of a znode as a client sees it. Source: `Stat` in `zookeeper.jute`.
public struct Stat: Hashable, Sendable {
    /// The zxid of the txn that created the znode.
    public var czxid: Zxid
    /// The zxid of the last create or setData.
    public var mzxid: Zxid
    /// Milliseconds since 1970, by the server's clock.
    public var ctimeMillis: Int64
    /// Milliseconds since 1970 of the last create or setData.
    public var mtimeMillis: Int64
    /// The number of setData since the create.
    public var version: Int32
    /// The number of children created and deleted.
    public var cversion: Int32
    /// The number of setACL since the create.
    public var aversion: Int32
    /// The session that owns an ephemeral znode; 0 for all others, containers and TTL znodes included.
    public var ephemeralOwner: Int64
    public var dataLength: Int32
    public var numChildren: Int32
    /// The zxid of the last create or delete of a child.
    public var pzxid: Zxid

    public init(
        czxid: Zxid = .zero, mzxid: Zxid = .zero, ctimeMillis: Int64 = 0, mtimeMillis: Int64 = 0, version: Int32 = 0,
        cversion: Int32 = 0, aversion: Int32 = 0, ephemeralOwner: Int64 = 0, dataLength: Int32 = 0,
        numChildren: Int32 = 0, pzxid: Zxid = .zero
    ) {
        self.czxid = czxid
        self.mzxid = mzxid
        self.ctimeMillis = ctimeMillis
        self.mtimeMillis = mtimeMillis
        self.version = version
        self.cversion = cversion
        self.aversion = aversion
        self.ephemeralOwner = ephemeralOwner
        self.dataLength = dataLength
        self.numChildren = numChildren
        self.pzxid = pzxid
    }
}
