package import ZKCore

/// Checks requests against the tree and the txns in flight. Every request that comes here takes a zxid, and a refused
/// one becomes an error txn with it. The order of the checks is Apache's: the first that fails decides.
/// Source: `PrepRequestProcessor.pRequest2Txn`.
extension ZnodeTree {
    package mutating func prepareCreate(_ arguments: CreateArguments, _ context: RequestContext) -> PreparedTxn {
        prepare(context) { (tree, zxid) throws(Refusal) in
            try tree.makeCreate(arguments, context, zxid: zxid)
        }
    }

    package mutating func prepareDelete(
        path: UnsafeRawBufferPointer, version: Int32, _ context: RequestContext
    ) -> PreparedTxn {
        prepare(context) { (tree, zxid) throws(Refusal) in
            try tree.makeDelete(path: path, version: version, context, zxid: zxid)
        }
    }

    /// - Parameter checksACL: false for the server's own requests. Apache checks nobody; a client that could delete
    ///   without DELETE on the parent is refused here.
    package mutating func prepareDeleteContainer(
        path: UnsafeRawBufferPointer, checksACL: Bool, _ context: RequestContext
    ) -> PreparedTxn {
        prepare(context) { (tree, zxid) throws(Refusal) in
            try tree.makeDeleteContainer(path: path, checksACL: checksACL, context, zxid: zxid)
        }
    }

    package mutating func prepareSetData(
        path: UnsafeRawBufferPointer, data: UnsafeRawBufferPointer?, version: Int32, _ context: RequestContext
    ) -> PreparedTxn {
        prepare(context) { (tree, zxid) throws(Refusal) in
            try tree.makeSetData(path: path, data: data, version: version, context, zxid: zxid)
        }
    }

    package mutating func prepareSetACL(
        path: UnsafeRawBufferPointer, encodedACL: UnsafeRawBufferPointer, list: () -> [ACL], version: Int32,
        _ context: RequestContext
    ) -> PreparedTxn {
        prepare(context) { (tree, zxid) throws(Refusal) in
            guard PathCheck.isValid(path) else { throw Refusal(.badArguments) }
            let slot = try tree.internFixedUp(encoded: encodedACL, list: list, requester: context.requester)
            do throws(Refusal) {
                try tree.checkRecordBytes(path: path, data: nil, acl: slot)
                return try tree.makeSetACL(path: path, slot: slot, version: version, context, zxid: zxid)
            } catch {
                tree.acls.release(slot)
                throw error
            }
        }
    }

    /// A request that is refused whatever the tree says, such as reconfig on a standalone server.
    package mutating func prepareRefused(_ code: ErrorCode, _ context: RequestContext) -> PreparedTxn {
        prepare(context) { (_, _) throws(Refusal) in throw Refusal(code) }
    }

    /// A request that cannot be decoded: answered with the zxid of the txn before it, as Apache does. Not logged, since
    /// it changes nothing and takes no zxid; Apache logs it under that zxid once more, and its next log may overwrite
    /// one that is there.
    package func prepareUndecodable(_ context: RequestContext) -> PreparedTxn {
        var txn = PreparedTxn(
            zxid: lastPreparedZxid, timeMillis: context.timeMillis, clientID: context.sessionID, cxid: context.cxid,
            type: .error)
        txn.value = ErrorCode.marshallingError.rawValue
        txn.isLogged = false
        return txn
    }

    package mutating func prepareCreateSession(timeoutMillis: Int32, _ context: RequestContext) -> PreparedTxn {
        prepare(context) { (tree, zxid) throws(Refusal) in
            var txn = PreparedTxn(context, zxid: zxid, type: .createSession)
            txn.value = timeoutMillis
            return txn
        }
    }

    /// Closes a session with all ephemeral znodes that it will have once everything in flight is applied.
    package mutating func prepareCloseSession(_ context: RequestContext) -> PreparedTxn {
        prepare(context) { (tree, zxid) throws(Refusal) in
            var txn = PreparedTxn(context, zxid: zxid, type: .closeSession)
            let detail = PreparedTxn.Detail()
            detail.znodes = tree.preparedEphemerals(of: context.sessionID)
            for index in detail.znodes {
                tree.prepareRemoval(of: index, zxid: zxid)
            }
            txn.detail = detail
            return txn
        }
    }

    /// An ephemeral znode with children, which only a data directory brings, stays: its children would have no parent.
    private func preparedEphemerals(of session: Int64) -> [UInt32] {
        // A session with an ID that stands for another kind of owner, likewise, has none.
        guard ephemeralOwner(session).sessionID == session else { return [] }
        var indices = (ephemerals[session] ?? []).filter { willExist($0) }
        if changes.count > 0 {
            for change in 1..<changes.end {
                let change = changes[change].pointee
                // A released entry of the slab names no znode that points back to it.
                guard change.exists, change.ephemeralOwner == session, change.znode < znodes.end else { continue }
                let live = znodes[change.znode].pointee.change
                if live != 0, changes[live].pointee.znode == change.znode, changes[live].pointee.exists,
                    changes[live].pointee.ephemeralOwner == session
                {
                    indices.insert(change.znode)
                }
            }
        }
        return indices.filter { prepared($0).childCount == 0 }.sorted { prepared($0).czxid < prepared($1).czxid }
    }

    /// Takes the next zxid and turns a refusal into an error txn.
    @inline(__always)
    private mutating func prepare(
        _ context: RequestContext, _ make: (inout ZnodeTree, Int64) throws(Refusal) -> PreparedTxn
    ) -> PreparedTxn {
        lastPreparedZxid &+= 1
        let zxid = lastPreparedZxid
        do throws(Refusal) {
            var txn = try make(&self, zxid)
            if options.digestEnabled { txn.digest = Int64(bitPattern: preparedDigest) }
            return txn
        } catch {
            var txn = PreparedTxn(context, zxid: zxid, type: .error)
            txn.value = error.code.rawValue
            return txn
        }
    }
}

extension PreparedTxn {
    init(_ context: RequestContext, zxid: Int64, type: OpCode) {
        self.init(
            zxid: zxid, timeMillis: context.timeMillis, clientID: context.sessionID, cxid: context.cxid, type: type)
    }
}
