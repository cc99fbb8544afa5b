/// The type of a request, as it stands in a request header, a multi header and a txn header.
///
/// The set is open: a type that this version does not know survives as its number. Source: `ZooDefs.OpCode`.
public struct OpCode: RawRepresentable, Hashable, Sendable {
    public let rawValue: Int32

    public init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    public static let notification = Self(rawValue: 0)
    public static let create = Self(rawValue: 1)
    public static let delete = Self(rawValue: 2)
    public static let exists = Self(rawValue: 3)
    public static let getData = Self(rawValue: 4)
    public static let setData = Self(rawValue: 5)
    public static let getACL = Self(rawValue: 6)
    public static let setACL = Self(rawValue: 7)
    public static let getChildren = Self(rawValue: 8)
    public static let sync = Self(rawValue: 9)
    public static let ping = Self(rawValue: 11)
    public static let getChildren2 = Self(rawValue: 12)
    public static let check = Self(rawValue: 13)
    public static let multi = Self(rawValue: 14)
    public static let create2 = Self(rawValue: 15)
    public static let reconfig = Self(rawValue: 16)
    public static let checkWatches = Self(rawValue: 17)
    public static let removeWatches = Self(rawValue: 18)
    public static let createContainer = Self(rawValue: 19)
    public static let deleteContainer = Self(rawValue: 20)
    public static let createTTL = Self(rawValue: 21)
    public static let multiRead = Self(rawValue: 22)
    public static let auth = Self(rawValue: 100)
    public static let setWatches = Self(rawValue: 101)
    public static let sasl = Self(rawValue: 102)
    public static let getEphemerals = Self(rawValue: 103)
    public static let getAllChildrenNumber = Self(rawValue: 104)
    public static let setWatches2 = Self(rawValue: 105)
    public static let addWatch = Self(rawValue: 106)
    public static let whoAmI = Self(rawValue: 107)
    public static let createSession = Self(rawValue: -10)
    public static let closeSession = Self(rawValue: -11)
    public static let error = Self(rawValue: -1)
}

extension OpCode: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notification: "notification"
        case .create: "create"
        case .delete: "delete"
        case .exists: "exists"
        case .getData: "getData"
        case .setData: "setData"
        case .getACL: "getACL"
        case .setACL: "setACL"
        case .getChildren: "getChildren"
        case .sync: "sync"
        case .ping: "ping"
        case .getChildren2: "getChildren2"
        case .check: "check"
        case .multi: "multi"
        case .create2: "create2"
        case .reconfig: "reconfig"
        case .checkWatches: "checkWatches"
        case .removeWatches: "removeWatches"
        case .createContainer: "createContainer"
        case .deleteContainer: "deleteContainer"
        case .createTTL: "createTTL"
        case .multiRead: "multiRead"
        case .auth: "auth"
        case .setWatches: "setWatches"
        case .sasl: "sasl"
        case .getEphemerals: "getEphemerals"
        case .getAllChildrenNumber: "getAllChildrenNumber"
        case .setWatches2: "setWatches2"
        case .addWatch: "addWatch"
        case .whoAmI: "whoAmI"
        case .createSession: "createSession"
        case .closeSession: "closeSession"
        case .error: "error"
        default: "op \(rawValue)"
        }
    }
}
