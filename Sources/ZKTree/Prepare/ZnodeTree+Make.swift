import ZKCore

/// The checks of each kind of change, and its in-flight state. Shared by single requests and the parts of a multi.
extension ZnodeTree {
    mutating func makeCreate(
        _ arguments: CreateArguments, _ context: RequestContext, zxid: Int64
    ) throws(Refusal) -> PreparedTxn {
        guard let mode = CreateMode(rawValue: arguments.flags) else { throw Refusal(.badArguments) }
        try checkTTL(arguments, mode)
        guard let slash = PathCheck.lastSlash(arguments.path) else { throw Refusal(.badArguments) }
        let encodedACL = arguments.encodedACL
        let slot = try internFixedUp(
            encoded: encodedACL, list: { ACLDecoder.decode(encodedACL) }, requester: context.requester)
        do throws(Refusal) {
            return try makeCreate(arguments, mode, slash: slash, slot: slot, context, zxid: zxid)
        } catch {
            acls.release(slot)
            throw error
        }
    }

    /// Source: `EphemeralType.validateTTL`. A createTTL whose flags have no TTL is refused: Apache logs a txn for it
    /// that it cannot read again.
    private func checkTTL(_ arguments: CreateArguments, _ mode: CreateMode) throws(Refusal) {
        if mode.hasTTL {
            guard options.extendedTypesEnabled else { throw Refusal(.unimplemented) }
            guard arguments.type == .createTTL, arguments.ttlMillis > 0,
                arguments.ttlMillis <= EphemeralOwner.ttlMillisMax
            else { throw Refusal(.badArguments) }
        } else if arguments.type == .createTTL {
            throw Refusal(.badArguments)
        }
    }

    private mutating func makeCreate(
        _ arguments: CreateArguments, _ mode: CreateMode, slash: Int, slot: UInt32, _ context: RequestContext,
        zxid: Int64
    ) throws(Refusal) -> PreparedTxn {
        let parent = find(arguments.path.part(from: 0, to: slash))
        guard willExist(parent) else { throw Refusal(.noNode) }
        let before = prepared(parent)
        try check(.create, by: context.requester, acl: before.acl)
        guard mode.isSequential else {
            return try makeCreate(
                arguments, mode, path: arguments.path, parent: parent, before, slot: slot, context, zxid: zxid)
        }
        var path = scratchPath
        scratchPath = []
        path.removeAll(keepingCapacity: true)
        path.append(contentsOf: arguments.path)
        path.appendSequence(before.cversion)
        defer { scratchPath = path }
        let result: Result<PreparedTxn, Refusal> = path.withUnsafeBytes { bytes in
            do throws(Refusal) {
                return .success(
                    try makeCreate(
                        arguments, mode, path: bytes, parent: parent, before, slot: slot, context, zxid: zxid))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private mutating func makeCreate(
        _ arguments: CreateArguments, _ mode: CreateMode, path: UnsafeRawBufferPointer, parent: UInt32,
        _ before: Change, slot: UInt32, _ context: RequestContext, zxid: Int64
    ) throws(Refusal) -> PreparedTxn {
        guard PathCheck.isValid(path), !QuotaRules.isUnreplayable(path) else { throw Refusal(.badArguments) }
        var index = find(path)
        guard !willExist(index) else { throw Refusal(.nodeExists) }
        guard ephemeralOwner(before.ephemeralOwner).sessionID == nil else { throw Refusal(.noChildrenForEphemerals) }
        try checkRecordBytes(path: path, data: arguments.data, acl: slot)
        try checkQuota(path: path, bytesDifference: arguments.data?.count ?? 0, countDifference: 1)

        if index == 0 { index = reserve(path: path, parent: parent) }
        var txn = PreparedTxn(context, zxid: zxid, type: arguments.type)
        txn.znode = index
        txn.acl = slot
        txn.value = before.cversion &+ 1
        txn.ephemeralOwner = Self.owner(of: mode, arguments, sessionID: context.sessionID)
        txn.dataBase = heap.makeBlob(arguments.data)?.base
        touchParent(parent, newCVersion: txn.value, childCountDifference: 1, zxid: zxid)
        let change = touch(index, zxid: zxid)
        change.pointee.exists = true
        change.pointee.czxid = zxid
        change.pointee.mzxid = zxid
        change.pointee.pzxid = zxid
        change.pointee.ctimeMillis = context.timeMillis
        change.pointee.mtimeMillis = context.timeMillis
        change.pointee.ephemeralOwner = txn.ephemeralOwner
        change.pointee.dataBase = txn.dataBase
        change.pointee.isContentKnown = false
        change.pointee.version = 0
        change.pointee.cversion = 0
        change.pointee.aversion = 0
        change.pointee.acl = slot
        change.pointee.childCount = 0
        refreshDigest(change)
        noteInFlightForQuotas(path, count: 1, bytes: arguments.data?.count ?? 0, zxid: zxid)
        return txn
    }

    /// Refuses what could not be read back from the log: an access control list may be far longer than in the request,
    /// where one `auth` stands for all identities, and bytes that are not UTF-8 become three each.
    @inline(__always)
    func checkRecordBytes(
        path: UnsafeRawBufferPointer, data: UnsafeRawBufferPointer?, acl slot: UInt32
    ) throws(Refusal) {
        guard path.count + (data?.count ?? 0) + acls.encodedCount(at: slot) <= options.recordBytesMax - 128 else {
            throw Refusal(.invalidACL)
        }
    }

    /// Other modes than those that its txn can tell make what the txn tells: createContainer with any flags a
    /// container, create with the flag of a container a plain znode.
    private static func owner(of mode: CreateMode, _ arguments: CreateArguments, sessionID: Int64) -> Int64 {
        switch arguments.type {
        case .createContainer: EphemeralOwner.container.rawValue
        case .createTTL: EphemeralOwner.ttl(millis: arguments.ttlMillis).rawValue
        default: mode.isEphemeral ? sessionID : 0
        }
    }

    /// What the create or delete of a child does to the parent.
    private mutating func touchParent(
        _ parent: UInt32, newCVersion: Int32?, childCountDifference: Int32, zxid: Int64
    ) {
        let change = touch(parent, zxid: zxid)
        if let newCVersion {
            // Past its maximum the counter stands still, and with it the zxid, as when the txn is applied.
            if newCVersion > change.pointee.cversion {
                change.pointee.cversion = newCVersion
                change.pointee.pzxid = zxid
            }
        } else {
            change.pointee.pzxid = zxid
        }
        change.pointee.childCount = change.pointee.childCount &+ UInt32(bitPattern: childCountDifference)
        refreshDigest(change)
    }

    mutating func makeDelete(
        path: UnsafeRawBufferPointer, version: Int32, _ context: RequestContext, zxid: Int64
    ) throws(Refusal) -> PreparedTxn {
        let parent = try parentForDelete(path)
        guard willExist(parent) else { throw Refusal(.noNode) }
        try check(.delete, by: context.requester, acl: prepared(parent).acl)
        let index = find(path)
        guard willExist(index) else { throw Refusal(.noNode) }
        let before = prepared(index)
        guard version == -1 || version == before.version else { throw Refusal(.badVersion) }
        guard before.childCount == 0 else { throw Refusal(.notEmpty) }
        prepareRemoval(of: index, zxid: zxid)
        var txn = PreparedTxn(context, zxid: zxid, type: .delete)
        txn.znode = index
        return txn
    }

    mutating func makeDeleteContainer(
        path: UnsafeRawBufferPointer, checksACL: Bool, _ context: RequestContext, zxid: Int64
    ) throws(Refusal) -> PreparedTxn {
        let parent = try parentForDelete(path)
        let index = find(path)
        guard willExist(index) else { throw Refusal(.noNode) }
        if checksACL { try check(.delete, by: context.requester, acl: prepared(parent).acl) }
        let before = prepared(index)
        guard before.childCount == 0 else { throw Refusal(.notEmpty) }
        guard ephemeralOwner(before.ephemeralOwner).sessionID == nil else { throw Refusal(.badVersion) }
        prepareRemoval(of: index, zxid: zxid)
        var txn = PreparedTxn(context, zxid: zxid, type: .deleteContainer)
        txn.znode = index
        return txn
    }

    private func parentForDelete(_ path: UnsafeRawBufferPointer) throws(Refusal) -> UInt32 {
        guard let slash = PathCheck.lastSlash(path), !PathCheck.isSpecial(path), !QuotaRules.isUnreplayable(path) else {
            throw Refusal(.badArguments)
        }
        return find(path.part(from: 0, to: slash))
    }

    mutating func prepareRemoval(of index: UInt32, zxid: Int64) {
        touchParent(znodes[index].pointee.parent, newCVersion: nil, childCountDifference: -1, zxid: zxid)
        let change = touch(index, zxid: zxid)
        change.pointee.exists = false
        refreshDigest(change)
        noteInFlightForQuotas(
            znodes[index].pointee.path, count: -1, bytes: -(change.pointee.dataBase.map { Blob(base: $0).count } ?? 0),
            zxid: zxid)
    }

    mutating func makeSetData(
        path: UnsafeRawBufferPointer, data: UnsafeRawBufferPointer?, version: Int32, _ context: RequestContext,
        zxid: Int64
    ) throws(Refusal) -> PreparedTxn {
        guard PathCheck.isValid(path), QuotaRules.isReplayable(data, at: path) else { throw Refusal(.badArguments) }
        let index = find(path)
        guard willExist(index) else { throw Refusal(.noNode) }
        let before = prepared(index)
        try check(.write, by: context.requester, acl: before.acl)
        let bytesBefore = before.dataBase.map { Blob(base: $0).count } ?? 0
        try checkQuota(path: path, bytesDifference: (data?.count ?? 0) - bytesBefore, countDifference: 0)
        guard version == -1 || version == before.version else { throw Refusal(.badVersion) }
        var txn = PreparedTxn(context, zxid: zxid, type: .setData)
        txn.znode = index
        txn.value = before.version &+ 1
        txn.dataBase = heap.makeBlob(data)?.base
        let change = touch(index, zxid: zxid)
        change.pointee.version = txn.value
        change.pointee.mzxid = zxid
        change.pointee.mtimeMillis = context.timeMillis
        change.pointee.dataBase = txn.dataBase
        change.pointee.isContentKnown = false
        refreshDigest(change)
        noteInFlightForQuotas(path, count: 0, bytes: (data?.count ?? 0) - bytesBefore, zxid: zxid)
        return txn
    }

    mutating func makeSetACL(
        path: UnsafeRawBufferPointer, slot: UInt32, version: Int32, _ context: RequestContext, zxid: Int64
    ) throws(Refusal) -> PreparedTxn {
        let index = find(path)
        guard willExist(index) else { throw Refusal(.noNode) }
        let before = prepared(index)
        try check(.admin, by: context.requester, acl: before.acl)
        guard version == -1 || version == before.aversion else { throw Refusal(.badVersion) }
        var txn = PreparedTxn(context, zxid: zxid, type: .setACL)
        txn.znode = index
        txn.value = before.aversion &+ 1
        txn.acl = slot
        let change = touch(index, zxid: zxid)
        change.pointee.aversion = txn.value
        change.pointee.acl = slot
        refreshDigest(change)
        return txn
    }

    func makeCheck(
        path: UnsafeRawBufferPointer, version: Int32, _ context: RequestContext, zxid: Int64
    ) throws(Refusal) -> PreparedTxn {
        guard PathCheck.isValid(path) else { throw Refusal(.badArguments) }
        let index = find(path)
        guard willExist(index) else { throw Refusal(.noNode) }
        let before = prepared(index)
        try check(.read, by: context.requester, acl: before.acl)
        guard version == -1 || version == before.version else { throw Refusal(.badVersion) }
        var txn = PreparedTxn(context, zxid: zxid, type: .check)
        txn.znode = index
        txn.value = before.version &+ 1
        return txn
    }

    @inline(__always)
    func ephemeralOwner(_ raw: Int64) -> EphemeralOwner {
        EphemeralOwner(rawValue: raw, extendedTypesEnabled: options.extendedTypesEnabled)
    }
}

extension [UInt8] {
    /// `%010d`: ten places, the sign among them.
    mutating func appendSequence(_ number: Int32) {
        let digits = [UInt8](String(number.magnitude).utf8)
        if number < 0 { append(UInt8(ascii: "-")) }
        for _ in 0..<Swift.max(0, (number < 0 ? 9 : 10) - digits.count) { append(UInt8(ascii: "0")) }
        append(contentsOf: digits)
    }
}
