/// The metadata of a znode as it stands in a snapshot, 60 bytes. Source: `StatPersisted` in `zookeeper.jute`.
public struct StatPersisted: Hashable, Sendable {
    public var czxid: Zxid
    public var mzxid: Zxid
    public var ctimeMillis: Int64
    public var mtimeMillis: Int64
    public var version: Int32
    /// Counts the creates of children only; what a client sees is `2 * cversion - numChildren`.
    public var cversion: Int32
    public var aversion: Int32
    /// A session ID, 0, or the mark of a container or TTL znode: see ``EphemeralOwner``.
    public var ephemeralOwner: Int64
    public var pzxid: Zxid

    public init(
        czxid: Zxid = .zero, mzxid: Zxid = .zero, ctimeMillis: Int64 = 0, mtimeMillis: Int64 = 0, version: Int32 = 0,
        cversion: Int32 = 0, aversion: Int32 = 0, ephemeralOwner: Int64 = 0, pzxid: Zxid = .zero
    ) {
        self.czxid = czxid
        self.mzxid = mzxid
        self.ctimeMillis = ctimeMillis
        self.mtimeMillis = mtimeMillis
        self.version = version
        self.cversion = cversion
        self.aversion = aversion
        self.ephemeralOwner = ephemeralOwner
        self.pzxid = pzxid
    }

    /// What a client sees of this. Source: `DataNode.copyStat`.
    public func stat(dataLength: Int32, numChildren: Int32, extendedTypesEnabled: Bool = true) -> Stat {
        let owner = EphemeralOwner(rawValue: ephemeralOwner, extendedTypesEnabled: extendedTypesEnabled)
        return Stat(
            czxid: czxid, mzxid: mzxid, ctimeMillis: ctimeMillis, mtimeMillis: mtimeMillis, version: version,
            cversion: cversion &* 2 &- numChildren, aversion: aversion, ephemeralOwner: owner.sessionID ?? 0,
            dataLength: dataLength, numChildren: numChildren, pzxid: pzxid)
    }
}
