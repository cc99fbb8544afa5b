public import ZKCore
public import ZKStore

/// One thing that a txn did: to a znode, or to a session.
public struct ZnodeChange: Sendable {
    public enum Action: Hashable, Sendable {
        case create
        case set
        case delete
        case setACL
        /// A part of a multi that only looked at a version.
        case check
        case openSession(timeoutMillis: Int32)
        case closeSession
        /// A request that was refused.
        case error(ErrorCode)
    }

    public enum Cause: Hashable, Sendable {
        /// Somebody asked for it.
        case request
        /// The session that owned the znode ended.
        case endOfSession
        /// An empty container, or a TTL znode whose time was over.
        case reaping
    }

    /// What a znode held.
    public struct Content: Hashable, Sendable {
        public var data: [UInt8]?
        public var acl: [ACL]
    }

    public var header: TxnHeader
    public var action: Action
    public var cause = Cause.request
    /// Its place among the parts of a multi, from 1 on; 0 when it is no part.
    public var number = 0
    /// How many parts the multi has.
    public var count = 0
    /// Nil for sessions and refused requests.
    public var path: UString?
    /// What kind of znode it is; nil when that is not known.
    public var kind: EphemeralOwner?
    /// Of the data, or of the ACL when that was set. Nil where there is none, or it is not known.
    public var versionBefore: Int32?
    public var versionAfter: Int32?
    /// The bytes of the data that was given.
    public var dataCount: Int?
    /// Nil when it is not known.
    public var before: Content?
    /// Nil when it is not known, and when nothing is there any more.
    public var after: Content?
    /// Whether its time is before that of the txn before it.
    public var clockWentBack = false

    private init(_ header: TxnHeader, _ part: TxnPart, _ action: Action, path: UString? = nil) {
        self.header = header
        self.action = action
        self.path = path
        number = part.number
        count = part.count
    }
}

extension ZnodeChange {
    /// What a txn did, as far as its record says. A multi that was refused is one error.
    ///
    /// - Parameter ephemerals: gives the znodes of a session, for records of old servers that do not list them.
    public static func all(of txn: LoggedTxn, ephemerals: (Int64) -> [UString] = { _ in [] }) -> [ZnodeChange] {
        let parts = txn.parts
        let errors = parts.filter { $0.type == .error }
        // The parts around the one that failed carry codes that only say that they were not done.
        if let refused = errors.first(where: { !$0.isOnlyDraggedAlong }) ?? errors.first,
            case .error(let code) = refused.txn
        {
            return [ZnodeChange(txn.header, refused, .error(code))]
        }
        return parts.flatMap { changes(of: $0, in: txn.header, ephemerals: ephemerals) }
    }

    private static func changes(
        of part: TxnPart, in header: TxnHeader, ephemerals: (Int64) -> [UString]
    ) -> [ZnodeChange] {
        switch part.txn {
        case .create(let create):
            return [make(create, owner: create.isEphemeral ? .session(header.clientID) : .persistent, part, header)]
        case .createContainer(let create): return [make(create, owner: .container, part, header)]
        case .createTTL(let create, let millis): return [make(create, owner: .ttl(millis: millis), part, header)]
        case .delete(let path):
            var change = ZnodeChange(header, part, .delete, path: path)
            if part.type == .deleteContainer { change.cause = .reaping }
            return [change]
        case .setData(let path, let data, let version):
            var change = ZnodeChange(header, part, .set, path: path)
            (change.versionBefore, change.versionAfter) = (version &- 1, version)
            change.dataCount = data?.count ?? 0
            change.after = Content(data: data, acl: [])
            return [change]
        case .setACL(let path, let acl, let version):
            var change = ZnodeChange(header, part, .setACL, path: path)
            (change.versionBefore, change.versionAfter) = (version &- 1, version)
            change.after = Content(data: nil, acl: acl ?? .openUnsafe)
            return [change]
        case .check(let path, let version):
            var change = ZnodeChange(header, part, .check, path: path)
            change.versionBefore = version
            return [change]
        case .createSession(let timeout): return [ZnodeChange(header, part, .openSession(timeoutMillis: timeout))]
        case .closeSession(let paths):
            let gone = (paths ?? ephemerals(header.clientID)).map { path in
                var change = ZnodeChange(header, part, .delete, path: path)
                change.cause = .endOfSession
                change.kind = .session(header.clientID)
                return change
            }
            return gone + [ZnodeChange(header, part, .closeSession)]
        case .error, .multi: return []
        }
    }

    private static func make(
        _ create: CreateTxn, owner: EphemeralOwner, _ part: TxnPart, _ header: TxnHeader
    ) -> ZnodeChange {
        var change = ZnodeChange(header, part, .create, path: create.path)
        change.kind = owner
        change.versionAfter = 0
        change.dataCount = create.data?.count ?? 0
        change.after = Content(data: create.data, acl: create.acl ?? .openUnsafe)
        return change
    }
}

extension TxnPart {
    fileprivate var isOnlyDraggedAlong: Bool { txn == .error(.runtimeInconsistency) || txn == .error(.ok) }
}
