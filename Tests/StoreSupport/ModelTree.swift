public import ZKCore
public import ZKStore

/// The tree that a recovery gives, in the plainest form: the rules of `DataTree` for replayed txns, nothing else.
public struct ModelTree: RecoverySink, Equatable, Sendable {
    public struct Znode: Hashable, Sendable {
        public var data: [UInt8]?
        public var acl: [ACL]?
        public var stat: StatPersisted
    }

    public var sessions: [Int64: Int32] = [:]
    public var znodes: [UString: Znode] = [:]
    public var lastZxid = Zxid.zero
    public var trailers = SnapshotTrailers()
    private var acls: [Int64: [ACL]] = [:]

    public init() { reset() }

    public mutating func reset() {
        self = ModelTree(empty: ())
        znodes["/"] = Znode(data: [], acl: .openUnsafe, stat: StatPersisted())
        znodes["/zookeeper"] = Znode(data: [], acl: .openUnsafe, stat: StatPersisted())
        znodes["/zookeeper/quota"] = Znode(data: [], acl: .openUnsafe, stat: StatPersisted())
        znodes["/zookeeper/config"] = Znode(data: [], acl: .readUnsafe, stat: StatPersisted(aversion: -1))
        isLoading = true
    }

    private init(empty: Void) {}

    private var isLoading = false

    public mutating func session(id: Int64, timeoutMillis: Int32) { sessions[id] = timeoutMillis }

    public mutating func aclList(id: Int64, _ acl: [ACL]) { acls[id] = acl }

    public mutating func znode(
        path: UnsafeRawBufferPointer, data: UnsafeRawBufferPointer?, aclID: Int64, stat: StatPersisted
    ) throws(RecoveryRefusal) {
        if isLoading { znodes = [:] }
        isLoading = false
        let path = UString(bytes: path.isEmpty ? [UInt8(ascii: "/")] : [UInt8](path))
        guard path == "/" || znodes[Self.parent(of: path)] != nil else {
            throw RecoveryRefusal("\(path) has no parent")
        }
        znodes[path] = Znode(
            data: data.map { [UInt8]($0) }, acl: aclID == SnapshotFormat.openACLID ? .openUnsafe : acls[aclID],
            stat: stat)
    }

    public mutating func snapshotLoaded(zxid: Zxid, trailers: SnapshotTrailers) {
        lastZxid = zxid
        self.trailers = trailers
        acls = [:]
    }

    public mutating func replay(_ header: TxnHeader, _ txn: Txn, _ digest: TxnDigest?) throws(RecoveryRefusal) {
        lastZxid = header.zxid
        apply(header, type: header.type, txn)
    }

    /// What a server does after a recovery: ephemerals whose session is gone go too.
    public mutating func removeOrphans() {
        for (path, znode) in znodes {
            if let owner = EphemeralOwner(rawValue: znode.stat.ephemeralOwner, extendedTypesEnabled: true).sessionID,
                sessions[owner] == nil
            {
                delete(path, lastZxid)
            }
        }
    }

    private mutating func apply(_ header: TxnHeader, type: OpCode, _ txn: Txn) {
        switch txn {
        case .createSession(let timeoutMillis): sessions[header.clientID] = timeoutMillis
        case .closeSession(let paths): close(header, paths ?? [])
        case .create(let body):
            create(header, body, owner: body.isEphemeral ? header.clientID : 0, raisesParent: type == .create)
        case .createContainer(let body):
            create(header, body, owner: Int64.min, raisesParent: false)
        case .createTTL(let body, let ttlMillis):
            create(header, body, owner: Int64(bitPattern: 0xff << 56) | ttlMillis, raisesParent: false)
        case .delete(let path): delete(path, header.zxid)
        case .setData(let path, let data, let version):
            znodes[path]?.data = data
            znodes[path]?.stat.mzxid = header.zxid
            znodes[path]?.stat.mtimeMillis = header.timeMillis
            znodes[path]?.stat.version = version
        case .setACL(let path, let acl, let version):
            znodes[path]?.acl = acl
            znodes[path]?.stat.aversion = version
        case .check, .error: break
        case .multi(let parts):
            let hasFailed = parts.contains { if case .error = $0.txn { true } else { false } }
            if hasFailed { return }
            for part in parts { apply(header, type: part.type, part.txn) }
        }
    }

    private mutating func create(_ header: TxnHeader, _ body: CreateTxn, owner: Int64, raisesParent: Bool) {
        let parent = Self.parent(of: body.path)
        guard znodes[parent] != nil else { return }
        let exists = znodes[body.path] != nil
        if exists {
            znodes[body.path]!.acl = body.acl
        } else {
            let zxid = header.zxid
            let stat = StatPersisted(
                czxid: zxid, mzxid: zxid, ctimeMillis: header.timeMillis, mtimeMillis: header.timeMillis, version: 0,
                cversion: 0, aversion: 0, ephemeralOwner: owner, pzxid: zxid)
            znodes[body.path] = Znode(data: body.data, acl: body.acl, stat: stat)
        }
        guard !exists || raisesParent else { return }
        let cversion = body.parentCVersion == -1 ? znodes[parent]!.stat.cversion &+ 1 : body.parentCVersion
        if cversion > znodes[parent]!.stat.cversion {
            znodes[parent]!.stat.cversion = cversion
            if !exists || header.zxid > znodes[parent]!.stat.pzxid { znodes[parent]!.stat.pzxid = header.zxid }
        }
    }

    private mutating func delete(_ path: UString, _ zxid: Zxid) {
        znodes[path] = nil
        let parent = Self.parent(of: path)
        if let pzxid = znodes[parent]?.stat.pzxid, zxid > pzxid { znodes[parent]!.stat.pzxid = zxid }
    }

    private mutating func close(_ header: TxnHeader, _ paths: [UString]) {
        sessions[header.clientID] = nil
        for path in paths { delete(path, header.zxid) }
        for (path, znode) in znodes where znode.stat.ephemeralOwner == header.clientID { delete(path, header.zxid) }
    }

    public static func parent(of path: UString) -> UString {
        let slash = path.bytes.lastIndex(of: UInt8(ascii: "/")) ?? 0
        return slash == 0 ? "/" : UString(bytes: Array(path.bytes[..<slash]))
    }

    /// The sum that `DigestCalculator` gives.
    public var treeDigest: UInt64 {
        znodes.reduce(0) { sum, entry in
            if entry.key.string.hasPrefix("/zookeeper/") { return sum }
            return sum &+ UInt64(Self.digest(entry.key, entry.value))
        }
    }

    private static func digest(_ path: UString, _ znode: Znode) -> UInt32 {
        var bytes = path == "/" ? [] : path.bytes
        bytes += znode.data ?? []
        func add(_ value: some FixedWidthInteger) { withUnsafeBytes(of: value.bigEndian) { bytes += $0 } }
        let stat = znode.stat
        for zxid in [stat.czxid, stat.mzxid, stat.pzxid] { add(zxid.rawValue) }
        add(stat.ctimeMillis)
        add(stat.mtimeMillis)
        for version in [stat.version, stat.cversion, stat.aversion] { add(version) }
        add(stat.ephemeralOwner)
        var crc: UInt32 = 0xffff_ffff
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc >> 1 ^ (crc & 1 == 1 ? 0xedb8_8320 : 0) }
        }
        return ~crc
    }
}
