internal import ZKClient
internal import ZKCore

/// A znode with what is below it, wherever it can be read.
struct ReadTree: Sendable {
    let reader: any ZnodeReader
    let root: ZnodePath
    /// What messages call the ensemble, or the files; nil for those of the session.
    var place: String?

    /// The root as messages name it.
    var name: String { place.map { "\($0)\(root)" } ?? root.string }

    /// What messages put before a path where the session's ensemble is not the only one.
    var fullPlace: String {
        if let place { return place }
        guard let client = reader as? ZooKeeperClient else { return "" }
        let text = "\(client.configuration.connectString)"
        return text.contains("://") ? text : "zk://\(text)"
    }

    /// The root with the place, also that of the session.
    var fullName: String { fullPlace + root.string }

    /// Runs `body`, whose errors name the place.
    @discardableResult
    func naming<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as ZooKeeperError {
            throw named(error)
        }
    }

    func named(_ error: any Error) -> ShellError {
        var error = ShellError(error)
        guard let place, !error.message.hasPrefix(place) else { return error }
        error.message = error.message.hasPrefix("/") ? place + error.message : "\(place): \(error.message)"
        return error
    }
}
