internal import ZKCore
internal import ZKDigest
internal import ZKReplica
internal import ZKText

/// A change as `log`, `txnlog dump` and the like show it: a line, and with a patch what was before and after it.
struct ChangeResult: ShellResult {
    let change: ZnodeChange
    /// Whether lines name the znode, since they are of several.
    var showsPath = true
    var showsPatch = false

    // MARK: Text

    func writePlain(to output: Output) throws(ShellError) {
        var lines = ChangeLines(showsPath: showsPath)
        lines.append(change)
        try output.write(lines.take())
        if showsPatch { try writePatch(to: output) }
    }

    // MARK: Patch

    private func writePatch(to output: Output) throws(ShellError) {
        switch change.action {
        case .create: try write(nil, Self.text(of: change.after), to: output)
        case .delete:
            guard change.before != nil else { return try writeUnknown(to: output) }
            try write(Self.text(of: change.before), nil, to: output)
        case .set:
            if change.before == nil { try writeUnknown(to: output) }
            try write(Self.text(of: change.before), Self.text(of: change.after), to: output)
        case .setACL:
            if change.before == nil { try writeUnknown(to: output) }
            func text(_ content: ZnodeChange.Content?) -> String? {
                content.map { $0.acl.map { ACLOperand.text(of: [$0]) + "\n" }.joined() }
            }
            try write(text(change.before), text(change.after), to: output)
        case .check, .openSession, .closeSession, .error: break
        }
    }

    private func writeUnknown(to output: Output) throws(ShellError) {
        try output.writeLine("  (what was there before is not in these files)")
    }

    /// Nil for nothing. What is no text is named by its length.
    private static func text(of content: ZnodeChange.Content?) -> String? {
        guard let data = content?.data, !data.isEmpty else { return nil }
        guard !data.contains(0), let text = String(validating: data, as: UTF8.self) else {
            return "(\(data.count) bytes that are no text, SHA-1 \(Hex.encode(SHA1.hash(data))))"
        }
        return text
    }

    private func write(_ before: String?, _ after: String?, to output: Output) throws(ShellError) {
        let lines = UnifiedDiff.text(before ?? "", after ?? "", names: ("", ""))
            .split(separator: "\n", omittingEmptySubsequences: false).dropFirst(2).dropLast()
        let isShort = lines.lazy.filter { $0.hasPrefix("@@") }.count < 2
        for line in lines where !(isShort && line.hasPrefix("@@")) {
            let style: Output.Style = line.hasPrefix("+") ? .green : line.hasPrefix("-") ? .red : .plain
            try output.write("  " + line, style: style)
            try output.writeLine()
        }
    }

    // MARK: JSON

    var json: JSONValue {
        var members: [JSONValue.Member] = [
            .init(name: "zxid", value: .string(change.header.zxid.description)),
            .init(name: "time", value: .string(Timestamp.iso(millis: change.header.timeMillis))),
            .init(name: "session", value: .string(Hex.number(change.header.clientID))),
            .init(name: "cxid", value: .int(Int64(change.header.cxid))),
            .init(name: "op", value: .string(change.operation)),
        ]
        func add(_ name: String, _ value: JSONValue?) {
            if let value { members.append(.init(name: name, value: value)) }
        }
        add("path", change.path.map { .string($0.string) })
        add(change.action == .setACL ? "aversion" : "version", change.versionAfter.map { .int(Int64($0)) })
        add("versionBefore", change.action == .delete ? change.versionBefore.map { .int(Int64($0)) } : nil)
        add("dataLength", change.dataCount.map { .int(Int64($0)) })
        add("kind", change.kind.map { .string(ZnodeKind($0).rawValue) })
        switch change.action {
        case .openSession(let timeout):
            add("state", "opened")
            add("timeoutMillis", .int(Int64(timeout)))
        case .closeSession: add("state", "closed")
        case .error(let code):
            add("code", .int(Int64(code.rawValue)))
            add("error", .string("\(code)"))
        default: break
        }
        if change.cause != .request { add("cause", change.cause == .reaping ? "reaped" : "sessionEnd") }
        if change.count > 0 {
            add("part", .int(Int64(change.number)))
            add("parts", .int(Int64(change.count)))
        }
        if change.clockWentBack { add("clockWentBack", true) }
        if showsPatch {
            add("before", change.before.map(Self.json))
            add("after", change.after.map(Self.json))
        }
        return .object(members)
    }

    private static func json(of content: ZnodeChange.Content) -> JSONValue {
        .object(JSONValue.dataMembers(content.data) + [.init(name: "acl", value: JSONValue(content.acl))])
    }
}
