internal import ZKClient
internal import ZKCore
internal import ZKReplica

/// Reads znodes from files. ACLs keep nobody out: whoever can read the files can read them all.
struct OfflineReader: ZnodeReader {
    let replica: Replica

    private func znode(_ path: ZnodePath, _ operation: String) throws(ZooKeeperError) -> ReplicaZnode {
        guard let znode = replica.znode(path) else {
            throw ZooKeeperError(
                code: .noNode, operation: operation, path: path,
                message: "\(operation) \(path): there is no such znode at \(replica.zxid).")
        }
        return znode
    }

    func exists(_ path: ZnodePath) -> Stat? { replica.znode(path)?.stat }

    func getData(_ path: ZnodePath) throws -> (data: [UInt8]?, stat: Stat) {
        let znode = try znode(path, "getData")
        return (znode.data, znode.stat)
    }

    func getChildrenWithStat(_ path: ZnodePath) throws -> (children: [String], stat: Stat) {
        let znode = try znode(path, "getChildren")
        return (znode.childNames, znode.stat)
    }

    func getACL(_ path: ZnodePath) throws -> (acl: [ACL], stat: Stat) {
        let znode = try znode(path, "getACL")
        return (znode.acl, znode.stat)
    }

    func children(of paths: [ZnodePath]) -> [Result<[String], ZooKeeperError>] {
        paths.map { path in
            Result { () throws(ZooKeeperError) in try znode(path, "getChildren").childNames }
        }
    }

    func data(of paths: [ZnodePath]) -> [Result<ZnodeData, ZooKeeperError>] {
        paths.map { path in
            Result { () throws(ZooKeeperError) in
                let znode = try znode(path, "getData")
                return ZnodeData(data: znode.data, stat: znode.stat)
            }
        }
    }

    /// Files tell what a server does not: containers and TTL znodes.
    func kind(of path: ZnodePath, stat: Stat) -> ZnodeKind {
        replica.znode(path).map { ZnodeKind($0.kind) } ?? ZnodeKind(stat)
    }
}

extension ReplicaZnode {
    var childNames: [String] {
        var names: [String] = []
        names.reserveCapacity(childCount)
        for child in children { names.append(child.name) }
        return names
    }
}
