internal import ShellLanguage
internal import ZKClient
internal import ZKCore
internal import ZKText

/// One change of a plan, with what it was made from.
struct PlanOp: Sendable, Hashable {
    enum Action: Sendable, Hashable {
        /// - Parameter isBuiltOn: whether children are to come.
        case create(data: [UInt8]?, acl: [ACL]?, isBuiltOn: Bool)
        case set(data: [UInt8]?)
        case acl([ACL])
        /// Raises the count of children that there ever were.
        case counter(Int)
        case delete
    }

    /// The znode as it was when the plan was made.
    struct Origin: Sendable, Hashable {
        var version: Int32
        var aversion: Int32
        var czxid: Zxid
        var mzxid: Zxid

        init(_ stat: Stat) {
            (version, aversion, czxid, mzxid) = (stat.version, stat.aversion, stat.czxid, stat.mzxid)
        }
    }

    var path: ZnodePath
    var action: Action
    /// Nil for what is to be created.
    var origin: Origin?

    /// About as many bytes as it takes in a request.
    var requestBytes: Int {
        switch action {
        case .create(let data, let acl, _):
            MultiOp.create(path, data: data, acl: acl ?? .openUnsafe).requestBytes
        case .set(let data): MultiOp.setData(path, data: data).requestBytes
        case .acl, .counter, .delete: MultiOp.delete(path).requestBytes
        }
    }
}

// MARK: JSON

extension PlanOp {
    var json: JSONValue {
        var members: [JSONValue.Member] = [
            .init(name: "op", value: .string(name)), .init(name: "path", value: JSONValue(path)),
        ]
        switch action {
        case .create(let data, let acl, let isBuiltOn):
            members += JSONValue.dataMembers(data)
            if let acl { members.append(.init(name: "acl", value: JSONValue(acl))) }
            if isBuiltOn { members.append(.init(name: "builtOn", value: true)) }
        case .set(let data): members += JSONValue.dataMembers(data)
        case .acl(let acl): members.append(.init(name: "acl", value: JSONValue(acl)))
        case .counter(let count): members.append(.init(name: "childCreates", value: .int(Int64(count))))
        case .delete: break
        }
        if let origin {
            members += [
                .init(name: "version", value: .int(Int64(origin.version))),
                .init(name: "aversion", value: .int(Int64(origin.aversion))),
                .init(name: "czxid", value: .string(origin.czxid.description)),
                .init(name: "mzxid", value: .string(origin.mzxid.description)),
            ]
        }
        return .object(members)
    }

    private var name: String {
        switch action {
        case .create: "create"
        case .set: "set"
        case .acl: "acl"
        case .counter: "counter"
        case .delete: "delete"
        }
    }

    /// - Throws: ``ExportError`` that says what is wrong.
    init(json: JSONValue) throws(ExportError) {
        let record = try ZnodeRecord(json: json)
        path = record.path
        switch json["op"]?.stringValue {
        case "create":
            guard json["data"] != nil else { throw ExportError("a create without data") }
            action = .create(data: record.data, acl: record.acl, isBuiltOn: json["builtOn"]?.boolValue ?? false)
        case "set":
            guard json["data"] != nil else { throw ExportError("a set without data") }
            action = .set(data: record.data)
        case "acl":
            guard let acl = record.acl, !acl.isEmpty else { throw ExportError("an acl without entries") }
            action = .acl(acl)
        case "counter":
            guard case .count(let count)? = record.counter else { throw ExportError("a counter without childCreates") }
            action = .counter(count)
        case "delete": action = .delete
        case .some(let other): throw ExportError("there is no op \(other)")
        case nil: throw ExportError("it has no op")
        }
        switch action {
        case .create, .counter: break
        case .set, .acl, .delete: origin = try Origin(json: json)
        }
    }
}

extension PlanOp.Origin {
    fileprivate init(json: JSONValue) throws(ExportError) {
        func number(_ name: String) throws(ExportError) -> Int32 {
            guard let value = json[name]?.intValue.flatMap({ Int32(exactly: $0) }) else {
                throw ExportError("it has no \(name)")
            }
            return value
        }
        func zxid(_ name: String) throws(ExportError) -> Zxid {
            guard let zxid = json[name].flatMap(Zxid.init(json:)) else { throw ExportError("it has no \(name)") }
            return zxid
        }
        (version, aversion) = (try number("version"), try number("aversion"))
        (czxid, mzxid) = (try zxid("czxid"), try zxid("mzxid"))
    }
}

extension Zxid {
    /// `"0x5000a1b2c"`
    init?(json: JSONValue) {
        guard let text = json.stringValue, text.hasPrefix("0x"),
            let value = UInt64(text.dropFirst(2), radix: 16)
        else { return nil }
        self.init(rawValue: Int64(bitPattern: value))
    }
}
