public import ZKCore
internal import ZKWire

extension ZooKeeperClient {
    /// The stat of a znode, nil when there is none.
    ///
    /// - Throws: ``ZooKeeperError`` with `.noAuth` when the znode may not be read.
    public func exists(_ path: ZnodePath) async throws -> Stat? {
        try await exists(path, watch: nil)
    }

    /// The data and the stat of a znode. Null data is not the same as empty data.
    ///
    /// - Throws: ``ZooKeeperError`` with `.noNode`, `.noAuth`.
    public func getData(_ path: ZnodePath) async throws -> (data: [UInt8]?, stat: Stat) {
        try await getData(path, serverPath: serverPath(path), watch: nil)
    }

    /// The names of the children, without their path, in no order.
    ///
    /// - Throws: ``ZooKeeperError`` with `.noNode`, `.noAuth`; ``ZooKeeperError/isReplyTooLong`` for a list above
    ///   ``ClientConfiguration/frameBytesMax``.
    public func getChildren(_ path: ZnodePath) async throws -> [String] {
        let request = GetChildrenRequest(path: UString(serverPath(path).string), watch: false)
        return try await call(.getChildren, path: path, isRead: true, request).decode {
            (reader) throws(JuteError) in try reader.readNames()
        }
    }

    /// The children like ``getChildren(_:)``, and the stat of the znode itself.
    public func getChildrenWithStat(_ path: ZnodePath) async throws -> (children: [String], stat: Stat) {
        try await getChildren(path, watch: nil)
    }

    /// The ACL of a znode. Without ADMIN permission the hashes of digest entries read `x`.
    ///
    /// - Throws: ``ZooKeeperError`` with `.noNode`, `.noAuth`.
    public func getACL(_ path: ZnodePath) async throws -> (acl: [ACL], stat: Stat) {
        let request = GetACLRequest(path: UString(serverPath(path).string))
        let response = try await call(.getACL, path: path, isRead: true, request).decode(GetACLResponse.self)
        return (response.acl, response.stat)
    }

    /// Returns when the server has seen every change that the ensemble had agreed on at the time of the call. Reads made
    /// afterwards show them.
    public func sync(_ path: ZnodePath) async throws {
        _ = try await call(.sync, path: path, isRead: true, SyncRequest(path: UString(serverPath(path).string)))
    }

    /// The ephemeral znodes of this session whose path begins with `prefix`. Needs a server of 3.6 or later.
    public func getEphemerals(prefix: ZnodePath? = nil) async throws -> [ZnodePath] {
        let serverPrefix = serverPath(prefix ?? .root)
        let request = GetEphemeralsRequest(prefix: UString(serverPrefix.string))
        let response = try await call(.getEphemerals, path: prefix, isRead: true, request)
            .decode(GetEphemeralsResponse.self)
        let chroot = driver.chroot.path ?? .root
        return response.ephemerals
            .map { ZnodePath(unchecked: $0.string) }
            .filter { $0.isEqualOrBelow(chroot) }
            .map(driver.chroot.clientPath)
    }

    /// How many descendants a znode has. Needs a server of 3.6 or later.
    public func getAllChildrenNumber(_ path: ZnodePath) async throws -> Int {
        let request = GetAllChildrenNumberRequest(path: UString(serverPath(path).string))
        let response = try await call(.getAllChildrenNumber, path: path, isRead: true, request)
            .decode(GetAllChildrenNumberResponse.self)
        return Int(response.totalNumber)
    }

    // MARK: With or without a watch

    func exists(_ path: ZnodePath, watch: WatchCell?) async throws -> Stat? {
        let request = ExistsRequest(path: UString(serverPath(path).string), watch: watch != nil)
        let reply = try await call(
            .exists, path: path, isRead: true, watch: watch.map { .oneShot($0) }, accepting: .noNode, request)
        return reply.error == .ok ? try reply.decode(ExistsResponse.self).stat : nil
    }

    func getData(
        _ path: ZnodePath, serverPath: ZnodePath, watch: WatchCell?
    ) async throws -> (data: [UInt8]?, stat: Stat) {
        let request = GetDataRequest(path: UString(serverPath.string), watch: watch != nil)
        let response = try await call(
            .getData, path: path, serverPath: serverPath, isRead: true, watch: watch.map { .oneShot($0) }, request
        ).decode(GetDataResponse.self)
        return (response.data, response.stat)
    }

    func getChildren(_ path: ZnodePath, watch: WatchCell?) async throws -> (children: [String], stat: Stat) {
        let request = GetChildrenRequest(path: UString(serverPath(path).string), watch: watch != nil)
        return try await call(
            .getChildren2, path: path, isRead: true, watch: watch.map { .oneShot($0) }, request
        ).decode { (reader) throws(JuteError) in (try reader.readNames(), try reader.readStat()) }
    }
}

extension JuteReader {
    /// A vector of strings, straight from the bytes: a list may have a million names.
    mutating func readNames() throws(JuteError) -> [String] {
        try readVector { (reader) throws(JuteError) in
            guard let bytes = try reader.readBytesInPlace() else { throw .unexpectedNull }
            // It is appended to paths, here and on the local disk.
            guard ZnodePath.isName(bytes: bytes) else { throw .unusableName }
            return String(validating: bytes, as: UTF8.self) ?? UString(bytes: Array(bytes)).string
        }
    }
}
