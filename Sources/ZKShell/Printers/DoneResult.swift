public import ZKCore
public import ZKText

/// Something was done about which zkCli says nothing.
public struct DoneResult: ShellResult {
    public var path: ZnodePath?
    public var details: [JSONValue.Member]

    public init(path: ZnodePath? = nil, details: [JSONValue.Member] = []) {
        self.path = path
        self.details = details
    }

    public var json: JSONValue {
        var members: [JSONValue.Member] = []
        if let path { members.append(JSONValue.Member(name: "path", value: JSONValue(path))) }
        members.append(JSONValue.Member(name: "ok", value: true))
        return .object(members + details)
    }

    public func writePlain(to output: Output) throws(ShellError) {}
}
