internal import ShellLanguage
internal import ZKClient
internal import ZKCore

/// What a path that does not exist was probably meant to be.
extension ShellContext {
    /// Nobody looks for a typing mistake among more.
    private static let siblingsMax = 10_000

    /// `error`, and for a person the path that comes closest to the missing one.
    func suggesting(_ error: any Error) async -> ShellError {
        var shellError = ShellError(error)
        guard shellError.code == .noNode, let path = shellError.path, options.output != .json, !options.isCompatible,
            session.isInteractive || session.diagnostics.isTerminal,
            let client = session.connection.currentClient, client.state.isConnected,
            let meant = try? await Self.closest(to: path, on: client)
        else { return shellError }
        shellError.message += "; did you mean \(meant)?"
        return shellError
    }

    /// The path with its first missing name replaced by that of a sibling; nil when none is close, or nothing is there.
    private static func closest(to path: ZnodePath, on client: ZooKeeperClient) async throws -> ZnodePath? {
        var missing = path
        while let parent = missing.parent, try await client.exists(parent) == nil { missing = parent }
        guard let parent = missing.parent, let stat = try await client.exists(parent),
            stat.numChildren <= siblingsMax
        else { return nil }
        let name = String(missing.string.dropFirst(parent.isRoot ? 1 : parent.string.count + 1))
        guard let sibling = Suggestion.closest(to: name, among: try await client.getChildren(parent)) else {
            return nil
        }
        let meant = path.rebased(from: missing, to: parent.appending(sibling))
        // What is below it may be missing as well, or is yet to be created.
        return try await client.exists(meant) == nil ? parent.appending(sibling) : meant
    }
}
