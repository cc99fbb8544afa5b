/// Asks the HTTP admin server of a ZooKeeper server.
public enum AdminServer {
    /// The port when `admin.serverPort` is not set.
    public static let defaultPort = 8080

    /// The JSON that `GET /commands/COMMAND` gives.
    ///
    /// - Parameter path: where the commands are, `admin.commandURL`.
    /// - Throws: ``ServerQuestionError``, also when the status is not 200.
    public static func get(
        _ command: String, host: String, port: Int = defaultPort, path: String = "/commands",
        timeout: Duration = .seconds(2), responseBytesMax: Int = 64 << 20
    ) async throws -> [UInt8] {
        // HTTP/1.0 without keep-alive: the body ends with the connection, and is never chunked.
        let request = "GET \(path)/\(command) HTTP/1.0\r\nHost: \(host)\r\nAccept: application/json\r\n\r\n"
        let question = ServerQuestion(
            host: host, port: port, request: Array(request.utf8), timeout: timeout, responseBytesMax: responseBytesMax)
        return try body(of: try await question.ask())
    }

    /// Splits head and body.
    static func body(of response: [UInt8]) throws(ServerQuestionError) -> [UInt8] {
        let text = String(decoding: response.prefix(64), as: UTF8.self)
        guard text.hasPrefix("HTTP/1.") else {
            throw .other("the port does not speak HTTP")
        }
        let status = text.dropFirst("HTTP/1.1 ".count).prefix(3)
        guard status == "200" else { throw .other("HTTP status \(status)") }
        let end: [UInt8] = [13, 10, 13, 10]
        guard
            let start = response.indices.first(where: { response[$0...].starts(with: end) })
        else { throw .connectionLost }
        return Array(response[(start + end.count)...])
    }
}
