public import ZKCore
internal import ZKWire

extension ZooKeeperClient {
    /// Creates a znode and returns the path it got, which ends in ten digits when `mode` is sequential.
    ///
    /// - Parameter data: at most 1 MiB minus the record's other fields (`jute.maxbuffer`).
    /// - Parameter ttl: for the modes with a TTL, and for them only: at least a millisecond, less than 2^40 ms.
    /// - Throws: ``ZooKeeperError`` with `.noNode` (parent missing), `.nodeExists`, `.noChildrenForEphemerals`,
    ///   `.noAuth`, `.invalidACL`. When ``ZooKeeperError/isOutcomeUnknown`` the znode may or may not exist.
    /// - Note: Requests of one client are sent in the order of the calls. Source:
    ///   `PrepRequestProcessor.pRequest2TxnCreate`.
    @discardableResult
    public func create(
        _ path: ZnodePath, data: [UInt8]? = [], mode: CreateMode = .persistent, acl: [ACL] = .openUnsafe,
        ttl: Duration? = nil
    ) async throws -> ZnodePath {
        let type: OpCode = mode.isContainer ? .createContainer : mode.hasTTL ? .createTTL : .create
        let reply = try await create(type, path, data: data, mode: mode, acl: acl, ttl: ttl)
        let created =
            type == .create
            ? try reply.decode(CreateResponse.self).path : try reply.decode(Create2Response.self).path
        return driver.chroot.clientPath(ZnodePath(unchecked: created.string))
    }

    /// Creates a znode like ``create(_:data:mode:acl:ttl:)`` and returns its stat as well. Needs a server of 3.5 or
    /// later.
    public func createWithStat(
        _ path: ZnodePath, data: [UInt8]? = [], mode: CreateMode = .persistent, acl: [ACL] = .openUnsafe,
        ttl: Duration? = nil
    ) async throws -> (path: ZnodePath, stat: Stat) {
        let type: OpCode = mode.isContainer ? .createContainer : mode.hasTTL ? .createTTL : .create2
        let response = try await create(type, path, data: data, mode: mode, acl: acl, ttl: ttl)
            .decode(Create2Response.self)
        return (driver.chroot.clientPath(ZnodePath(unchecked: response.path.string)), response.stat)
    }

    private func create(
        _ type: OpCode, _ path: ZnodePath, data: [UInt8]?, mode: CreateMode, acl: [ACL], ttl: Duration?
    ) async throws -> Reply {
        let serverPath = driver.chroot.serverPath(creating: path, isSequential: mode.isSequential)
        let ttlMillis = try ZooKeeperClient.ttlMillis(ttl, mode: mode, path: path)
        try checkAllowed(.create(serverPath, data: data, mode: mode), path: path)
        if let ttlMillis {
            return try await call(
                type, path: path, serverPath: serverPath,
                CreateTTLRequest(
                    path: UString(serverPath.string), data: data, acl: acl, flags: mode.rawValue, ttlMillis: ttlMillis))
        }
        return try await call(
            type, path: path, serverPath: serverPath,
            CreateRequest(path: UString(serverPath.string), data: data, acl: acl, flags: mode.rawValue))
    }

    /// Refuses what a server would refuse, and what has stopped Apache servers for good.
    static func ttlMillis(_ ttl: Duration?, mode: CreateMode, path: ZnodePath) throws -> Int64? {
        let millis = ttl?.millis
        let isRight = mode.hasTTL ? (1...EphemeralOwner.ttlMillisMax).contains(millis ?? 0) : ttl == nil
        guard isRight else {
            throw ZooKeeperError(
                code: .badArguments, operation: "create", path: path,
                message: mode.hasTTL
                    ? "create \(path): a TTL from 1 ms to \(EphemeralOwner.ttlMillisMax) ms must be given for this mode."
                    : "create \(path): a TTL goes with the mode persistentWithTTL or persistentSequentialWithTTL only.")
        }
        return millis
    }

    /// Deletes a znode that has no children.
    ///
    /// - Parameter version: what the data version must be; -1 for any.
    /// - Throws: ``ZooKeeperError`` with `.noNode`, `.notEmpty`, `.badVersion`, `.noAuth`.
    public func delete(_ path: ZnodePath, version: Int32 = -1) async throws {
        // The root below a chroot is sent as the root of the tree, which the server refuses. Source: `ZooKeeper.delete`.
        let serverPath = path.isRoot ? path : self.serverPath(path)
        try checkAllowed(.delete(serverPath), path: path)
        _ = try await call(
            .delete, path: path, serverPath: serverPath,
            DeleteRequest(path: UString(serverPath.string), version: version))
    }

    /// Replaces the data of a znode.
    ///
    /// - Parameter version: what the data version must be; -1 for any.
    /// - Returns: The stat after the change.
    /// - Throws: ``ZooKeeperError`` with `.noNode`, `.badVersion`, `.noAuth`, `.quotaExceeded`.
    @discardableResult
    public func setData(_ path: ZnodePath, data: [UInt8]?, version: Int32 = -1) async throws -> Stat {
        try checkAllowed(.setData(serverPath(path), data: data), path: path)
        let request = SetDataRequest(path: UString(serverPath(path).string), data: data, version: version)
        return try await call(.setData, path: path, request).decode(SetDataResponse.self).stat
    }

    /// Replaces the ACL of a znode.
    ///
    /// - Parameter aversion: what the ACL version must be; -1 for any.
    /// - Throws: ``ZooKeeperError`` with `.noNode`, `.badVersion`, `.noAuth`, `.invalidACL`.
    @discardableResult
    public func setACL(_ path: ZnodePath, acl: [ACL], aversion: Int32 = -1) async throws -> Stat {
        let request = SetACLRequest(path: UString(serverPath(path).string), acl: acl, version: aversion)
        return try await call(.setACL, path: path, request).decode(SetACLResponse.self).stat
    }

    /// - Parameter op: with the path as the server has it.
    /// - Throws: ``ZooKeeperError`` with `.apiError` when the configuration refuses the change: nothing is sent.
    func checkAllowed(_ op: @autoclosure () -> MultiOp, path: ZnodePath) throws {
        guard let refusal = configuration.writeRefusal, let reason = refusal(op()) else { return }
        throw ZooKeeperError(code: .apiError, operation: "refused", path: path, message: reason)
    }
}
