internal import ZKReplica

extension ShellContext {
    /// The tree that the shell looks at offline; nil when it has a server.
    func offlineReplica() throws(ShellError) -> Replica? {
        guard let offline = session.offline else { return nil }
        return try offline.replica { warn($0) }
    }

    /// - Throws: ``ShellError`` 10 when the shell looks at files.
    func refuseOffline() throws(ShellError) {
        guard let offline = session.offline else { return }
        throw ShellError(.refused, "refused: the shell looks at \(offline.path) offline; this needs a server")
    }
}
