internal import ShellLanguage
internal import ZKCore
internal import ZKText

extension ZnodeRecord {
    /// - Parameter showsStat: all of the stat, not only whether the znode is ephemeral.
    func json(showsStat: Bool) -> JSONValue {
        var members: [JSONValue.Member] = [.init(name: "path", value: JSONValue(path))]
        members += JSONValue.dataMembers(data)
        if let acl { members.append(.init(name: "acl", value: JSONValue(acl))) }
        if isEphemeral { members.append(.init(name: "ephemeral", value: true)) }
        switch counter {
        case nil, .count(0): break
        case .count(let count): members.append(.init(name: "childCreates", value: .int(Int64(count))))
        case .beyond: members.append(.init(name: "childCreates", value: .null))
        }
        if showsStat, let stat { members.append(.init(name: "stat", value: JSONValue(stat))) }
        return .object(members)
    }

    /// What stands for a znode that could not be read: what is at and below it is not known.
    static func unreadJSON(_ path: ZnodePath) -> JSONValue { .members(["path": JSONValue(path), "unread": true]) }

    static func isUnread(_ json: JSONValue) -> Bool { json["unread"]?.boolValue == true }

    static func path(of json: JSONValue) throws(ExportError) -> ZnodePath {
        guard let text = json["path"]?.stringValue else { throw ExportError("it has no path") }
        do throws(ZnodePathError) {
            return try ZnodePath(text)
        } catch {
            throw ExportError("\(error)")
        }
    }

    /// - Throws: ``ExportError`` that says what is wrong.
    init(json: JSONValue) throws(ExportError) {
        path = try Self.path(of: json)
        data = try Self.data(of: json)
        counter = try Self.counter(of: json)
        acl = if let list = json["acl"] { try Self.acl(of: list) } else { nil }
        if json["ephemeral"]?.boolValue == true {
            var stat = Stat()
            // Whose it was does not matter any more.
            stat.ephemeralOwner = 1
            self.stat = stat
        }
    }

    private static func data(of json: JSONValue) throws(ExportError) -> [UInt8]? {
        guard let value = json["data"], value != .null else { return nil }
        guard let text = value.stringValue else { throw ExportError("its data is neither text nor null") }
        switch json["encoding"]?.stringValue {
        case nil, "utf8": return Array(text.utf8)
        case "base64":
            guard let bytes = Base64.decode(text.utf8) else { throw ExportError("its data is not base64") }
            return bytes
        case .some(let encoding): throw ExportError("its encoding is \(encoding), neither utf8 nor base64")
        }
    }

    private static func counter(of json: JSONValue) throws(ExportError) -> SequenceCounter? {
        switch json["childCreates"] {
        case nil: return nil
        case .null: return .beyond
        case .int(let count) where (0...1 << 30).contains(count): return .count(Int(count))
        default: throw ExportError("its childCreates is not a count")
        }
    }

    private static func acl(of list: JSONValue) throws(ExportError) -> [ACL] {
        guard let entries = list.arrayValue else { throw ExportError("its acl is not a list") }
        var acl: [ACL] = []
        for entry in entries {
            guard let scheme = entry["scheme"]?.stringValue, let id = entry["id"]?.stringValue,
                let perms = entry["perms"]?.stringValue
            else { throw ExportError("an entry of its acl lacks scheme, id or perms") }
            do throws(UsageError) {
                acl += try ACLOperand(word: Word("\(scheme):\(id):\(perms)")).entries
            } catch {
                throw ExportError(error.message)
            }
        }
        return acl
    }
}

/// Why a line of an export is no znode.
struct ExportError: Error, Hashable, CustomStringConvertible {
    var description: String

    init(_ description: String) {
        self.description = description
    }
}
