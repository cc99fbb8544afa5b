public import ZKText

/// What a command has found out, printable in each output format.
public protocol ShellResult: Sendable {
    /// One value, on one line.
    var json: JSONValue { get }
    /// For people, and for scripts that were written for zkCli.
    func writePlain(to output: Output) throws(ShellError)
    /// Only the payload, without anything around it.
    func writeRaw(to output: Output) throws(ShellError)
    /// Columns under a header.
    func writeTable(to output: Output) throws(ShellError)
}

extension ShellResult {
    public func writeRaw(to output: Output) throws(ShellError) { try writePlain(to: output) }
    public func writeTable(to output: Output) throws(ShellError) { try writePlain(to: output) }
}
