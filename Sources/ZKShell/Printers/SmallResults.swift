public import ZKCore
public import ZKText

/// A text for people, and what stands for it in JSON.
public struct TextResult: ShellResult {
    public var text: String
    public var json: JSONValue

    public init(_ text: String, json: JSONValue) {
        self.text = text
        self.json = json
    }

    public func writePlain(to output: Output) throws(ShellError) {
        try output.writeLine(text)
    }
}

/// Several paths, as zkCli prints a list.
public struct PathListResult: ShellResult {
    public var paths: [ZnodePath]

    public init(paths: [ZnodePath]) {
        self.paths = paths
    }

    public var json: JSONValue { .members(["paths": .array(paths.map { JSONValue($0) })]) }

    public func writePlain(to output: Output) throws(ShellError) {
        try output.writeLine("[" + paths.map(\.string).joined(separator: ", ") + "]")
    }

    public func writeRaw(to output: Output) throws(ShellError) {
        for path in paths { try output.writeLine(path.string) }
    }
}

/// The configuration of an ensemble.
struct ConfigurationResult: ShellResult {
    var text: String
    var stat: Stat?
    var heading: String?

    var json: JSONValue {
        let configuration = EnsembleConfiguration(text)
        return .members([
            "config": .string(text),
            "members": .array(
                configuration.members.map { .members(["server": .string($0.key), "address": .string($0.value)]) }),
            "version": configuration.version.map { .string($0) } ?? .null,
            "stat": stat.map(JSONValue.init),
        ])
    }

    func writePlain(to output: Output) throws(ShellError) {
        if let heading { try output.writeLine(heading) }
        try output.writeLine(text)
        if let stat { try output.write(StatResult.block(stat)) }
    }
}

/// The limits of a quota and what is used.
struct QuotaResult: ShellResult {
    var path: ZnodePath
    var limits: QuotaLimits
    var usage: QuotaLimits

    var json: JSONValue {
        func number(_ value: Int64?) -> JSONValue { value.map { .int($0) } ?? .null }
        return .members([
            "path": JSONValue(path),
            "limits": .members([
                "count": number(limits.count), "bytes": number(limits.bytes), "hardCount": number(limits.hardCount),
                "hardBytes": number(limits.hardBytes),
            ]),
            "used": .members(["count": number(usage.count), "bytes": number(usage.bytes)]),
        ])
    }

    func writePlain(to output: Output) throws(ShellError) {
        try output.writeLine("Output quota for \(path) \(limits.text)")
        try output.writeLine("Output stat for \(path) \(usage.text)")
    }
}
