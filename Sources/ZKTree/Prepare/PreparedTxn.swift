package import ZKCore

/// A txn between its preparing and its applying. Names znodes by their index, so that nothing is looked up again.
package struct PreparedTxn {
    package var zxid: Int64
    package var timeMillis: Int64
    package var clientID: Int64
    package var cxid: Int32
    /// As in the log: error for a refused request.
    package var type: OpCode
    /// The znode that is made, changed or deleted. It stays in its slot until this txn is applied.
    package var znode: UInt32 = 0
    package var acl: UInt32 = 0
    /// False for what takes no zxid: a second record under one that was given would name a log file that is there.
    package internal(set) var isLogged = true
    /// By type: the parent's new cversion, the new version, the new aversion, a timeout, an error code.
    package var value: Int32 = 0
    /// The owner of a new znode, as in a snapshot.
    package var ephemeralOwner: Int64 = 0
    /// The digest of the tree after this txn; nil where the record has none.
    package var digest: Int64?
    /// The new data, which goes over to the znode.
    var dataBase: UnsafeMutableRawPointer?
    /// The parts of a multi, or the ephemerals that a closeSession deletes.
    package var detail: Detail?

    package final class Detail {
        package internal(set) var parts: [PreparedTxn] = []
        package internal(set) var znodes: [UInt32] = []
        /// Of a failed multi: the paths of its parts, whose znodes may never come to be.
        package internal(set) var failedPaths: [[UInt8]] = []
    }

    init(zxid: Int64, timeMillis: Int64, clientID: Int64, cxid: Int32, type: OpCode) {
        self.zxid = zxid
        self.timeMillis = timeMillis
        self.clientID = clientID
        self.cxid = cxid
        self.type = type
    }

    package var data: UnsafeRawBufferPointer? {
        guard let dataBase else { return nil }
        return Blob(base: dataBase).bytes
    }

    /// The TTL of a new znode, of type createTTL.
    package var ttlMillis: Int64 { ephemeralOwner & EphemeralOwner.ttlMillisMax }

    package var error: ErrorCode { ErrorCode(rawValue: value) }
}

/// What every request has.
package struct RequestContext {
    package var sessionID: Int64
    package var cxid: Int32
    package var timeMillis: Int64
    package var requester: Requester

    package init(sessionID: Int64, cxid: Int32, timeMillis: Int64, requester: Requester) {
        self.sessionID = sessionID
        self.cxid = cxid
        self.timeMillis = timeMillis
        self.requester = requester
    }
}

/// The fields of the four create requests, in place.
package struct CreateArguments {
    /// create, create2, createContainer or createTTL: it, not the flags, picks the txn.
    package var type: OpCode
    package var path: UnsafeRawBufferPointer
    package var data: UnsafeRawBufferPointer?
    /// The list as it stands in the request.
    package var encodedACL: UnsafeRawBufferPointer
    package var flags: Int32
    package var ttlMillis: Int64

    package init(
        type: OpCode, path: UnsafeRawBufferPointer, data: UnsafeRawBufferPointer?, encodedACL: UnsafeRawBufferPointer,
        flags: Int32, ttlMillis: Int64
    ) {
        self.type = type
        self.path = path
        self.data = data
        self.encodedACL = encodedACL
        self.flags = flags
        self.ttlMillis = ttlMillis
    }
}
