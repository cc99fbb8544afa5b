internal import ShellLanguage

/// The name of a local file: bytes, which need not be UTF-8.
public struct FileName: Hashable, Sendable {
    let bytes: [UInt8]

    init(_ text: String) {
        bytes = Array(text.utf8)
    }

    init(_ word: Word) {
        bytes = word.bytes
    }

    /// For messages.
    var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Calls `body` with what the system's calls take.
    func withCString<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
        (bytes.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer { body($0.baseAddress!) }
    }
}

extension FileName: ExpressibleByStringLiteral {
    public init(stringLiteral value: String) {
        self.init(value)
    }
}
