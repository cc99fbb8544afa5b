internal import ShellLanguage
internal import ZKClient
internal import ZKCore

/// One side of cp, diff or mirror: a znode here, a znode of another ensemble, or an export.
enum Endpoint: Sendable {
    case here(ZnodePath)
    /// `zk://HOSTS/PATH`
    case elsewhere(ConnectString, ZnodePath)
    /// `@FILE`
    case file(String)

    init(_ operand: PathOperand, in shell: ShellContext) throws {
        let text = operand.word.text
        if text.hasPrefix("zk://") || text.hasPrefix("zks://") {
            var connectString = try ConnectString(text)
            let path = connectString.chroot ?? .root
            connectString.chroot = nil
            self = .elsewhere(connectString, path)
        } else if text.hasPrefix("@"), text.utf8.count > 1, !operand.word.startsLiterally {
            self = .file(String(text.dropFirst()))
        } else {
            self = .here(try shell.resolve(operand))
        }
    }

    /// Runs `body` with a client for the znode, which is closed afterwards unless it is the shell's own.
    func withClient<Value>(
        in shell: ShellContext, _ body: (ZooKeeperClient, ZnodePath) async throws -> Value
    ) async throws -> Value {
        switch self {
        case .here(let path): return try await body(shell.client(), path)
        case .file(let name): throw ShellError.usage("@\(name): a file cannot stand here")
        case .elsewhere(let connectString, let path):
            var configuration = try ClientConfiguration(shellOptions: shell.options)
            configuration.connectString = connectString
            let client = ZooKeeperClient(configuration: configuration)
            do {
                try await client.waitUntilConnected(timeout: shell.options.connectTimeout)
                let value = try await body(client, path)
                await client.close()
                return value
            } catch {
                await client.close()
                throw error
            }
        }
    }
}
