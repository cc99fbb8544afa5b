import NIOCore

/// The commands that a client may send instead of a connect request.
extension ServerCore {
    /// The answer when the first bytes of a connection are a four-letter word; nil when they are not.
    func fourLetterWord(_ bytes: UnsafeRawBufferPointer, of connection: Connection) -> ByteBuffer? {
        guard bytes.count >= 4 else { return nil }
        let word = String(decoding: bytes[..<4], as: UTF8.self)
        guard let command = FourLetterCommand(rawValue: word) else { return nil }
        let allowed = configuration.fourLetterWords
        guard allowed.contains("*") || allowed.contains(word) else {
            return ByteBuffer(string: "\(word) is not executed because it is not in the whitelist.\n")
        }
        return ByteBuffer(string: answer(command))
    }

    private func answer(_ command: FourLetterCommand) -> String {
        switch command {
        case .ruok: "imok"
        case .isro: "rw"
        }
    }
}

/// Source: `FourLetterCommands`.
enum FourLetterCommand: String, CaseIterable {
    case ruok
    case isro
}
