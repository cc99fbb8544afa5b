/// The stdin of a command: the terminal, a pipe, a file (`<`) or a here-document.
public protocol InputSource: Sendable {
    var isTerminal: Bool { get }
    /// Up to 64 KiB; empty at the end.
    func read() async throws -> [UInt8]
    /// Shows `prompt` and reads a line from the terminal; nil at its end (Ctrl-D).
    func ask(_ prompt: String, echo: Bool) async throws -> String?
}

extension InputSource {
    public func readAll() async throws -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            let chunk = try await read()
            if chunk.isEmpty { return bytes }
            bytes.append(contentsOf: chunk)
        }
    }
}
