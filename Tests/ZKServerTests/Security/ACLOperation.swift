import NIOCore
import ZKCore
import ZKWire

/// A request of the table, what it needs, and how its answer is written down.
struct ACLOperation {
    let name: String
    /// One of these bits is needed; nil when the operation is free for all.
    let needs: Permissions?
    let frame: [UInt8]
    private let describeBody: (Reply) throws -> String

    private init(
        _ name: String, needs: Permissions?, _ frame: [UInt8], _ describeBody: @escaping (Reply) throws -> String
    ) {
        self.name = name
        self.needs = needs
        self.frame = frame
        self.describeBody = describeBody
    }

    /// The error, and the body without what differs from run to run: zxids and times.
    func describe(_ reply: Reply) throws -> String {
        guard reply.header.err == .ok else { return "\(reply.header.err.rawValue)" }
        return try "0 " + describeBody(reply)
    }

    /// Every operation on a znode with the children c, d and k, and on its childless twin `-leaf`. What deletes comes last.
    static func all(on string: String, acl: [ACL]) -> [Self] {
        let path = UString(string)
        func below(_ name: String) -> UString { UString(string + "/" + name) }
        return reads(of: path, below("c")) + writes(of: path, acl: acl) + creates(below) + multis(of: path, below)
            + free(path) + [
                Self("delete a child", needs: .delete, Requests.delete(1, below("c")), nothing),
                Self("delete", needs: nil, Requests.delete(1, UString(string + "-leaf")), nothing),
                Self(
                    "deleteContainer", needs: .delete,
                    Requests.request(1, .deleteContainer, DeleteContainerRequest(path: below("k"))), nothing),
            ]
    }

    private static func reads(of path: UString, _ child: UString) -> [Self] {
        let multi = MultiRequest(ops: [
            .getData(GetDataRequest(path: path, watch: false)),
            .getChildren(GetChildrenRequest(path: path, watch: false)),
            .getData(GetDataRequest(path: child, watch: false)),
        ])
        return [
            Self("exists", needs: .read, Requests.exists(1, path)) { text(try $0.decode(ExistsResponse.self).stat) },
            Self("getData", needs: .read, Requests.getData(1, path)) {
                let response = try $0.decode(GetDataResponse.self)
                return "\(text(response.data)) \(text(response.stat))"
            },
            Self("getChildren", needs: .read, Requests.getChildren(1, path)) {
                text(try $0.decode(GetChildrenResponse.self).children)
            },
            Self(
                "getChildren2", needs: .read,
                Requests.request(1, .getChildren2, GetChildrenRequest(path: path, watch: false))
            ) {
                let response = try $0.decode(GetChildren2Response.self)
                return "\(text(response.children)) \(text(response.stat))"
            },
            Self(
                "getAllChildrenNumber", needs: .read,
                Requests.request(1, .getAllChildrenNumber, GetAllChildrenNumberRequest(path: path))
            ) { "\(try $0.decode(GetAllChildrenNumberResponse.self).totalNumber)" },
            Self("getACL", needs: [.read, .admin], Requests.request(1, .getACL, GetACLRequest(path: path))) {
                let response = try $0.decode(GetACLResponse.self)
                return "\(text(response.acl)) \(text(response.stat))"
            },
            Self("multiRead", needs: .read, Requests.request(1, .multiRead, multi), results),
        ]
    }

    private static func writes(of path: UString, acl: [ACL]) -> [Self] {
        [
            Self("setData", needs: .write, Requests.setData(1, path, Array("new".utf8))) {
                text(try $0.decode(SetDataResponse.self).stat)
            },
            Self(
                "setACL", needs: .admin,
                Requests.request(1, .setACL, SetACLRequest(path: path, acl: acl, version: -1))
            ) { text(try $0.decode(SetACLResponse.self).stat) },
        ]
    }

    private static func creates(_ below: (String) -> UString) -> [Self] {
        let ttl = CreateTTLRequest(path: below("n4"), data: [], acl: .openUnsafe, flags: 5, ttlMillis: 3_600_000)
        return [
            Self("create", needs: .create, Requests.create(1, below("n1"))) {
                "\(try $0.decode(CreateResponse.self).path)"
            },
            Self(
                "create2", needs: .create,
                Requests.request(
                    1, .create2, CreateRequest(path: below("n2"), data: [], acl: .openUnsafe, flags: 2)), created),
            Self(
                "createContainer", needs: .create,
                Requests.request(
                    1, .createContainer, CreateRequest(path: below("n3"), data: [], acl: .openUnsafe, flags: 4)),
                created),
            Self("createTTL", needs: .create, Requests.request(1, .createTTL, ttl), created),
            Self("create ephemeral", needs: .create, Requests.create(1, below("n5"), mode: .ephemeral)) {
                "\(try $0.decode(CreateResponse.self).path)"
            },
        ]
    }

    private static func multis(of path: UString, _ below: (String) -> UString) -> [Self] {
        let create = MultiRequest.Op.create(
            type: .create, CreateRequest(path: below("m"), data: [], acl: .openUnsafe, flags: 0))
        let check = MultiRequest.Op.check(CheckVersionRequest(path: "/t", version: -1))
        let set = MultiRequest.Op.setData(SetDataRequest(path: path, data: Array("multi".utf8), version: -1))
        let tables: [(String, Permissions, [MultiRequest.Op])] = [
            ("multi check", .read, [.check(CheckVersionRequest(path: path, version: -1))]),
            ("multi setData", .write, [check, set, check]),
            ("multi create", .create, [create]),
            ("multi delete", .delete, [.delete(DeleteRequest(path: below("d"), version: -1))]),
        ]
        return tables.map { name, needs, ops in
            Self(name, needs: needs, Requests.request(1, .multi, MultiRequest(ops: ops)), results)
        }
    }

    private static func free(_ path: UString) -> [Self] {
        [
            Self("sync", needs: nil, Requests.request(1, .sync, SyncRequest(path: path))) {
                "\(try $0.decode(SyncResponse.self).path)"
            },
            Self(
                "addWatch", needs: nil, Requests.request(1, .addWatch, AddWatchRequest(path: path, mode: 0)), nothing),
            Self(
                "checkWatches", needs: nil,
                Requests.request(1, .checkWatches, CheckWatchesRequest(path: path, type: 4)), nothing),
            Self(
                "removeWatches", needs: nil,
                Requests.request(1, .removeWatches, RemoveWatchesRequest(path: path, type: 3)), nothing),
            Self(
                "getEphemerals", needs: nil,
                Requests.request(1, .getEphemerals, GetEphemeralsRequest(prefix: path))
            ) { text(try $0.decode(GetEphemeralsResponse.self).ephemerals) },
            Self("whoAmI", needs: nil, Requests.request(1, .whoAmI)) {
                let infos = try $0.decode(WhoAmIResponse.self).clientInfo
                return infos.map { "\($0.authScheme):\($0.user)" }.sorted().joined(separator: " ")
            },
            Self(
                "reconfig", needs: nil,
                Requests.request(
                    1, .reconfig,
                    ReconfigRequest(
                        joiningServers: "server.9=127.0.0.1:1:2;3", leavingServers: nil, newMembers: nil,
                        configVersion: -1)), nothing),
        ]
    }

    // MARK: Text of bodies

    private static func nothing(_ reply: Reply) -> String { "" }

    private static func created(_ reply: Reply) throws -> String {
        let response = try reply.decode(Create2Response.self)
        return "\(response.path) \(text(response.stat))"
    }

    private static func results(_ reply: Reply) throws -> String {
        try reply.decode(MultiResponse.self).results.map { result in
            switch result {
            case .create(let response): "create \(response.path)"
            case .create2(let response): "create2 \(response.path) \(text(response.stat))"
            case .delete: "delete"
            case .setData(let response): "setData \(text(response.stat))"
            case .check: "check"
            case .getData(let response): "getData \(text(response.data)) \(text(response.stat))"
            case .getChildren(let response): "getChildren \(text(response.children))"
            case .error(let code): "\(code.rawValue)"
            }
        }.joined(separator: "; ")
    }

    private static func text(_ stat: Stat) -> String {
        let owner = stat.ephemeralOwner == 0 ? "" : " ephemeral"
        return "[\(stat.version) \(stat.cversion) \(stat.aversion) \(stat.dataLength) \(stat.numChildren)\(owner)]"
    }

    private static func text(_ data: [UInt8]?) -> String { data.map { String(decoding: $0, as: UTF8.self) } ?? "null" }

    private static func text(_ strings: [UString]) -> String {
        strings.map(\.string).sorted().joined(separator: ",")
    }

    private static func text(_ list: [ACL]) -> String {
        list.map { "\($0.identity.scheme):\($0.identity.id):\($0.perms.rawValue)" }.joined(separator: ",")
    }
}
