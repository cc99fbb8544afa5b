/// Asks a server by a four-letter word: outside of a session, in plain text, on the client port.
public enum FourLetterWord {
    /// The answer to `word`.
    ///
    /// - Parameters:
    ///   - word: four ASCII letters such as `srvr`, and for `stmk` its 8-byte mask.
    ///   - timeout: from the start of the connect to the last byte.
    /// - Returns: the text as the server sent it; empty when it does not know the word, and one sentence about the
    ///   whitelist when it does not allow it.
    /// - Throws: ``ServerQuestionError``, or `CancellationError`.
    public static func ask(
        _ word: String, host: String, port: Int, timeout: Duration = .seconds(2), responseBytesMax: Int = 64 << 20
    ) async throws -> String {
        let question = ServerQuestion(
            host: host, port: port, request: Array(word.utf8), timeout: timeout, responseBytesMax: responseBytesMax)
        return String(decoding: try await question.ask(), as: UTF8.self)
    }
}
