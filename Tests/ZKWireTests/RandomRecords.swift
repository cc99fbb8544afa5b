import Support
import ZKCore
import ZKWire

/// Makes random records. Strings are empty, short, long, with blanks, and not always UTF-8; numbers like their limits.
struct RandomRecords {
    private var random: SeededGenerator

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
    }

    mutating func pick<Value>(_ values: [Value]) -> Value { values.randomElement(using: &random)! }

    mutating func int32() -> Int32 {
        pick([0, 1, -1, .min, .max, Int32.random(in: .min ... .max, using: &random)])
    }

    mutating func int64() -> Int64 {
        pick([0, 1, -1, .min, .max, Int64.random(in: .min ... .max, using: &random)])
    }

    mutating func bool() -> Bool { Bool.random(using: &random) }

    mutating func bytes() -> [UInt8] {
        let count = pick([0, 1, 3, 16, 200])
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    }

    mutating func buffer() -> [UInt8]? { bool() ? bytes() : pick([nil, []]) }

    mutating func string() -> UString { pick(["", "/", "/a b", "/caf\u{e9}", UString(bytes: bytes())]) }

    mutating func optionalString() -> UString? { bool() ? string() : nil }

    mutating func many<Value>(_ make: (inout Self) -> Value) -> [Value] {
        let count = pick([0, 1, 2, 7])
        return (0..<count).map { _ in make(&self) }
    }

    mutating func strings() -> [UString] { many { $0.string() } }

    mutating func acls() -> [ACL] {
        many { ACL(perms: Permissions(rawValue: $0.int32()), scheme: $0.string(), id: $0.string()) }
    }

    mutating func zxid() -> Zxid { Zxid(rawValue: int64()) }

    mutating func stat() -> Stat {
        Stat(
            czxid: zxid(), mzxid: zxid(), ctimeMillis: int64(), mtimeMillis: int64(), version: int32(),
            cversion: int32(), aversion: int32(), ephemeralOwner: int64(), dataLength: int32(), numChildren: int32(),
            pzxid: zxid())
    }

    mutating func createRequest() -> CreateRequest {
        CreateRequest(path: string(), data: buffer(), acl: acls(), flags: int32())
    }

    mutating func createTTLRequest() -> CreateTTLRequest {
        CreateTTLRequest(path: string(), data: buffer(), acl: acls(), flags: int32(), ttlMillis: int64())
    }

    mutating func multiRequest() -> MultiRequest {
        MultiRequest(
            ops: many { random -> MultiRequest.Op in
                switch Int.random(in: 0..<7, using: &random.random) {
                case 0:
                    .create(type: random.pick([.create, .create2, .createContainer]), random.createRequest())
                case 1: .createTTL(random.createTTLRequest())
                case 2: .delete(DeleteRequest(path: random.string(), version: random.int32()))
                case 3:
                    .setData(SetDataRequest(path: random.string(), data: random.buffer(), version: random.int32()))
                case 4: .check(CheckVersionRequest(path: random.string(), version: random.int32()))
                case 5: .getData(GetDataRequest(path: random.string(), watch: random.bool()))
                default: .getChildren(GetChildrenRequest(path: random.string(), watch: random.bool()))
                }
            })
    }

    mutating func multiResponse() -> MultiResponse {
        MultiResponse(
            results: many { random -> MultiResponse.Result in
                switch Int.random(in: 0..<8, using: &random.random) {
                case 0: .create(CreateResponse(path: random.string()))
                case 1: .create2(Create2Response(path: random.string(), stat: random.stat()))
                case 2: .delete
                case 3: .setData(SetDataResponse(stat: random.stat()))
                case 4: .check
                case 5: .getData(GetDataResponse(data: random.buffer(), stat: random.stat()))
                case 6: .getChildren(GetChildrenResponse(children: random.strings()))
                default: .error(ErrorCode(rawValue: random.int32()))
                }
            })
    }

    /// One record of each type.
    mutating func all() -> [any JuteRecord & Hashable] {
        requests() + responses()
    }

    private mutating func requests() -> [any JuteRecord & Hashable] {
        [
            ConnectRequest(
                protocolVersion: int32(), lastZxidSeen: zxid(), timeoutMillis: int32(), sessionID: int64(),
                password: buffer(), readOnly: pick([nil, true, false])),
            RequestHeader(xid: int32(), type: OpCode(rawValue: int32())),
            createRequest(), createTTLRequest(), multiRequest(),
            DeleteRequest(path: string(), version: int32()), DeleteContainerRequest(path: string()),
            ExistsRequest(path: string(), watch: bool()), GetDataRequest(path: string(), watch: bool()),
            SetDataRequest(path: string(), data: buffer(), version: int32()), GetACLRequest(path: string()),
            SetACLRequest(path: string(), acl: acls(), version: int32()),
            GetChildrenRequest(path: string(), watch: bool()), SyncRequest(path: string()),
            CheckVersionRequest(path: string(), version: int32()),
            ReconfigRequest(
                joiningServers: optionalString(), leavingServers: optionalString(), newMembers: optionalString(),
                configVersion: int64()),
            CheckWatchesRequest(path: string(), type: int32()), RemoveWatchesRequest(path: string(), type: int32()),
            AuthPacket(type: int32(), scheme: string(), auth: buffer()), SASLRequest(token: buffer()),
            SetWatches(
                relativeZxid: zxid(), dataWatches: strings(), existWatches: strings(), childWatches: strings()),
            SetWatches2(
                relativeZxid: zxid(), dataWatches: strings(), existWatches: strings(), childWatches: strings(),
                persistentWatches: strings(), persistentRecursiveWatches: strings()),
            GetEphemeralsRequest(prefix: optionalString()), GetAllChildrenNumberRequest(path: string()),
            AddWatchRequest(path: string(), mode: int32()),
        ]
    }

    private mutating func responses() -> [any JuteRecord & Hashable] {
        [
            ConnectResponse(
                protocolVersion: int32(), timeoutMillis: int32(), sessionID: int64(), password: buffer(),
                readOnly: pick([nil, true, false])),
            ReplyHeader(xid: int32(), zxid: zxid(), err: ErrorCode(rawValue: int32())),
            CreateResponse(path: string()), Create2Response(path: string(), stat: stat()),
            ExistsResponse(stat: stat()), GetDataResponse(data: buffer(), stat: stat()),
            SetDataResponse(stat: stat()), GetACLResponse(acl: acls(), stat: stat()), SetACLResponse(stat: stat()),
            GetChildrenResponse(children: strings()), GetChildren2Response(children: strings(), stat: stat()),
            SyncResponse(path: string()), multiResponse(), SASLResponse(token: buffer()),
            GetEphemeralsResponse(ephemerals: strings()), GetAllChildrenNumberResponse(totalNumber: int32()),
            ErrorResponse(err: ErrorCode(rawValue: int32())),
            WhoAmIResponse(clientInfo: many { ClientInfo(authScheme: $0.string(), user: $0.string()) }),
            WatcherEvent(type: int32(), state: int32(), path: string()),
        ]
    }
}
