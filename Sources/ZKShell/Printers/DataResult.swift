public import ZKCore
public import ZKText

/// The data of a znode.
public struct DataResult: ShellResult {
    public enum Form: Sendable {
        case text
        case base64
        case hexDump
    }

    public var path: ZnodePath
    public var data: [UInt8]?
    public var stat: Stat
    public var form: Form
    public var showsStat: Bool
    /// Whether a newline follows the data in the plain format.
    public var endsLine: Bool

    public init(
        path: ZnodePath, data: [UInt8]?, stat: Stat, form: Form = .text, showsStat: Bool = false, endsLine: Bool = true
    ) {
        self.path = path
        self.data = data
        self.stat = stat
        self.form = form
        self.showsStat = showsStat
        self.endsLine = endsLine
    }

    public var json: JSONValue {
        var members = [JSONValue.Member(name: "path", value: JSONValue(path))]
        if form == .text {
            members += JSONValue.dataMembers(data)
        } else {
            members.append(JSONValue.Member(name: "data", value: data.map { .string(Base64.encode($0)) } ?? .null))
            members.append(JSONValue.Member(name: "encoding", value: data == nil ? .null : "base64"))
        }
        members.append(JSONValue.Member(name: "stat", value: JSONValue(stat)))
        return .object(members)
    }

    public func writePlain(to output: Output) throws(ShellError) {
        switch form {
        case .text: try output.write(data ?? Array("null".utf8))
        case .base64: try output.write(data.map(Base64.encode) ?? "null")
        case .hexDump: try output.write(data.map(Hex.dump) ?? "null")
        }
        if endsLine { try output.writeLine() }
        if showsStat { try output.write(StatResult.block(stat)) }
    }

    public func writeRaw(to output: Output) throws(ShellError) {
        guard let data else { return }
        try output.write(form == .base64 ? Array(Base64.encode(data).utf8) : data)
    }
}
