import ZKCore

/// One op of a multi, in place.
package enum MultiPart {
    case create(CreateArguments)
    case delete(path: UnsafeRawBufferPointer, version: Int32)
    case setData(path: UnsafeRawBufferPointer, data: UnsafeRawBufferPointer?, version: Int32)
    case check(path: UnsafeRawBufferPointer, version: Int32)
}

extension ZnodeTree {
    /// Prepares the parts in turn, each against the ones before it. After one was refused nothing of the multi stays
    /// in flight, but its parts are logged: those before as they are, the refused one and those after it as errors.
    package mutating func prepareMulti(_ parts: [MultiPart], _ context: RequestContext) -> PreparedTxn {
        lastPreparedZxid &+= 1
        let zxid = lastPreparedZxid
        var txn = PreparedTxn(context, zxid: zxid, type: .multi)
        let detail = PreparedTxn.Detail()
        txn.detail = detail
        let digestBefore = preparedDigest
        undo = []
        var failure: ErrorCode?
        var tooLong: PreparedTxn?
        // Of the whole record, should all of its parts be errors.
        var recordBytes = 128 + parts.count * 12
        for part in parts {
            if failure != nil {
                detail.parts.append(errorPart(.runtimeInconsistency, context, zxid: zxid))
                continue
            }
            do throws(Refusal) {
                let made = try make(part, context, zxid: zxid)
                recordBytes += self.recordBytes(of: made)
                if recordBytes > options.recordBytesMax {
                    tooLong = made
                    throw Refusal(.invalidACL)
                }
                detail.parts.append(made)
            } catch {
                failure = error.code
                detail.parts.append(errorPart(error.code, context, zxid: zxid))
            }
        }
        txn.value = failure?.rawValue ?? 0
        if failure == nil {
            undo = nil
        } else {
            // The slots of the parts that do not come about are freed here, so their paths are copied first.
            detail.keepPathsOfFailedParts(in: self)
            rollBack(to: digestBefore)
            if !quotaUsage.isEmpty { quotaUsage.takeBack(zxid) }
            if let tooLong { discard(tooLong) }
        }
        if options.digestEnabled { txn.digest = Int64(bitPattern: preparedDigest) }
        return txn
    }

    private mutating func make(
        _ part: MultiPart, _ context: RequestContext, zxid: Int64
    ) throws(Refusal) -> PreparedTxn {
        switch part {
        case .create(let arguments):
            return try makeCreate(arguments, context, zxid: zxid)
        case .delete(let path, let version):
            return try makeDelete(path: path, version: version, context, zxid: zxid)
        case .setData(let path, let data, let version):
            return try makeSetData(path: path, data: data, version: version, context, zxid: zxid)
        case .check(let path, let version):
            return try makeCheck(path: path, version: version, context, zxid: zxid)
        }
    }

    /// What a part takes in the record, or a little more.
    private func recordBytes(of part: PreparedTxn) -> Int {
        let path = part.znode == 0 ? 0 : znodes[part.znode].pointee.path.count
        let acl = part.acl == 0 ? 0 : acls.encodedCount(at: part.acl)
        return 40 + path + (part.data?.count ?? 0) + acl
    }

    private func errorPart(_ code: ErrorCode, _ context: RequestContext, zxid: Int64) -> PreparedTxn {
        var part = PreparedTxn(context, zxid: zxid, type: .error)
        part.value = code.rawValue
        return part
    }
}

extension PreparedTxn.Detail {
    func keepPathsOfFailedParts(in tree: borrowing ZnodeTree) {
        failedPaths = parts.map { part in
            part.znode == 0 ? [] : Array(tree.znodes[part.znode].pointee.path)
        }
    }
}
