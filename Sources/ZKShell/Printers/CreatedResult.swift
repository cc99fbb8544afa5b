public import ZKCore
public import ZKText

/// A znode was created.
public struct CreatedResult: ShellResult {
    /// With the number that a sequential znode got.
    public var path: ZnodePath
    /// Only the name, for scripts.
    public var printsNameOnly: Bool

    public init(path: ZnodePath, printsNameOnly: Bool = false) {
        self.path = path
        self.printsNameOnly = printsNameOnly
    }

    public var json: JSONValue { .members(["path": JSONValue(path), "ok": true]) }

    public func writePlain(to output: Output) throws(ShellError) {
        try output.writeLine(printsNameOnly ? path.string : "Created \(path)")
    }

    public func writeRaw(to output: Output) throws(ShellError) {
        try output.writeLine(path.string)
    }
}
