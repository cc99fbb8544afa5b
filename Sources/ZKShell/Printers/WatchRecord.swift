internal import ZKClient
internal import ZKCore
internal import ZKText

/// A line of `watch`.
struct WatchRecord: ShellResult {
    enum Kind: Sendable {
        /// The state when the watch was armed.
        case initial
        case event(EventType)
        /// Events may have been missed before this.
        case resync
    }

    let kind: Kind
    let path: ZnodePath
    var zxid: Zxid?
    var data: ZnodeData?
    let timeMillis = Timestamp.nowMillis()

    private var name: String {
        switch kind {
        case .initial: "initial"
        case .event(let type): type.description
        case .resync: "resync"
        }
    }

    var json: JSONValue {
        var event: [JSONValue.Member] = [
            .init(name: "type", value: .string(name)), .init(name: "state", value: "SyncConnected"),
            .init(name: "path", value: JSONValue(path)),
            .init(name: "zxid", value: zxid.map { .string($0.description) } ?? .null),
            .init(name: "time", value: .string(Timestamp.iso(millis: timeMillis))),
        ]
        if let data {
            event += JSONValue.dataMembers(data.data)
            event.append(.init(name: "stat", value: JSONValue(data.stat)))
        }
        return .members(["event": .object(event)])
    }

    func writePlain(to output: Output) throws(ShellError) {
        var line = "\(Timestamp.iso(millis: timeMillis)) \(name) \(path)"
        if let zxid { line += " \(zxid)" }
        try output.write(line)
        if let data {
            try output.write(" ")
            try output.write(data.data ?? Array("null".utf8))
        }
        try output.writeLine()
    }
}
