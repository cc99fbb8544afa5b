/// A result code of ZooKeeper's protocol.
///
/// The set is open: a code that this version does not know survives as its number.
/// Source: `KeeperException.Code`.
public struct ErrorCode: RawRepresentable, Hashable, Sendable {
    public let rawValue: Int32

    public init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    public static let ok = Self(rawValue: 0)
    public static let systemError = Self(rawValue: -1)
    /// In the results of a failed multi: an op that was not tried since an earlier one failed.
    public static let runtimeInconsistency = Self(rawValue: -2)
    public static let dataInconsistency = Self(rawValue: -3)
    public static let connectionLoss = Self(rawValue: -4)
    public static let marshallingError = Self(rawValue: -5)
    public static let unimplemented = Self(rawValue: -6)
    public static let operationTimeout = Self(rawValue: -7)
    public static let badArguments = Self(rawValue: -8)
    public static let unknownSession = Self(rawValue: -12)
    public static let newConfigNoQuorum = Self(rawValue: -13)
    public static let reconfigInProgress = Self(rawValue: -14)
    public static let apiError = Self(rawValue: -100)
    public static let noNode = Self(rawValue: -101)
    public static let noAuth = Self(rawValue: -102)
    public static let badVersion = Self(rawValue: -103)
    public static let noChildrenForEphemerals = Self(rawValue: -108)
    public static let nodeExists = Self(rawValue: -110)
    public static let notEmpty = Self(rawValue: -111)
    public static let sessionExpired = Self(rawValue: -112)
    public static let invalidCallback = Self(rawValue: -113)
    public static let invalidACL = Self(rawValue: -114)
    public static let authFailed = Self(rawValue: -115)
    /// Never sent by a server: the client was closed. The C client's `ZCLOSING`.
    public static let clientClosed = Self(rawValue: -116)
    public static let sessionMoved = Self(rawValue: -118)
    public static let notReadOnly = Self(rawValue: -119)
    public static let ephemeralOnLocalSession = Self(rawValue: -120)
    public static let noWatcher = Self(rawValue: -121)
    public static let requestTimeout = Self(rawValue: -122)
    public static let reconfigDisabled = Self(rawValue: -123)
    public static let sessionClosedRequireSASLAuth = Self(rawValue: -124)
    public static let quotaExceeded = Self(rawValue: -125)
    public static let throttledOp = Self(rawValue: -127)
}

extension ErrorCode: CustomStringConvertible {
    /// The name that Apache ZooKeeper's Java client prints, such as `NoNode`; `Unknown(-999)` for a foreign code.
    public var description: String {
        switch self {
        case .ok: "Ok"
        case .systemError: "SystemError"
        case .runtimeInconsistency: "RuntimeInconsistency"
        case .dataInconsistency: "DataInconsistency"
        case .connectionLoss: "ConnectionLoss"
        case .marshallingError: "MarshallingError"
        case .unimplemented: "Unimplemented"
        case .operationTimeout: "OperationTimeout"
        case .badArguments: "BadArguments"
        case .unknownSession: "UnknownSession"
        case .newConfigNoQuorum: "NewConfigNoQuorum"
        case .reconfigInProgress: "ReconfigInProgress"
        case .apiError: "APIError"
        case .noNode: "NoNode"
        case .noAuth: "NoAuth"
        case .badVersion: "BadVersion"
        case .noChildrenForEphemerals: "NoChildrenForEphemerals"
        case .nodeExists: "NodeExists"
        case .notEmpty: "Directory not empty"
        case .sessionExpired: "Session expired"
        case .invalidCallback: "Invalid callback"
        case .invalidACL: "InvalidACL"
        case .authFailed: "AuthFailed"
        case .clientClosed: "Client closed"
        case .sessionMoved: "Session moved"
        case .notReadOnly: "Not a read-only call"
        case .ephemeralOnLocalSession: "Ephemeral node on local session"
        case .noWatcher: "No such watcher"
        case .requestTimeout: "RequestTimeout"
        case .reconfigDisabled: "Reconfig is disabled"
        case .sessionClosedRequireSASLAuth:
            "Session closed because client failed to authenticate"
        case .quotaExceeded: "Quota has exceeded"
        case .throttledOp: "Op throttled due to high load"
        default: "Unknown(\(rawValue))"
        }
    }
}
