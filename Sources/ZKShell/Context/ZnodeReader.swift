public import ZKClient
public import ZKCore

/// Whatever znodes can be read from: a server, an offline data directory, an export.
///
/// Commands that only read take one, so that the same `ls` and `find` work on all of them.
public protocol ZnodeReader: Sendable {
    func exists(_ path: ZnodePath) async throws -> Stat?
    func getData(_ path: ZnodePath) async throws -> (data: [UInt8]?, stat: Stat)
    func getChildrenWithStat(_ path: ZnodePath) async throws -> (children: [String], stat: Stat)
    func getACL(_ path: ZnodePath) async throws -> (acl: [ACL], stat: Stat)
    /// The children of several znodes, in the order of `paths`.
    func children(of paths: [ZnodePath]) async throws -> [Result<[String], ZooKeeperError>]
    /// The data of several znodes, in the order of `paths`.
    func data(of paths: [ZnodePath]) async throws -> [Result<ZnodeData, ZooKeeperError>]
    /// The kind of a znode whose stat was read.
    func kind(of path: ZnodePath, stat: Stat) -> ZnodeKind
    /// How much one answer can hold.
    var answerBytesMax: Int { get }
}

/// Data and stat of a znode.
public struct ZnodeData: Sendable, Hashable {
    public var data: [UInt8]?
    public var stat: Stat

    public init(data: [UInt8]?, stat: Stat) {
        self.data = data
        self.stat = stat
    }
}

extension ZnodeReader {
    /// That of a client that nobody has set.
    public var answerBytesMax: Int { 64 << 20 }

    public func getChildren(_ path: ZnodePath) async throws -> [String] {
        try await getChildrenWithStat(path).children
    }

    /// As far as a server tells: containers and TTL znodes look persistent.
    public func kind(of path: ZnodePath, stat: Stat) -> ZnodeKind { ZnodeKind(stat) }
}
